# fails: zombie several
import os
import time

for _ in range(2):
    if os.fork() == 0:
        os._exit({{code}})
time.sleep({{seconds}})
os.wait()
os.wait()
time.sleep(0.3)
