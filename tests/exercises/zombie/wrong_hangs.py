# fails: ran hangs
import os
import time

if os.fork() == 0:
    os._exit({{code}})
while True:
    time.sleep(1)
