# fails: printed raw-status
import os
import time

if os.fork() == 0:
    os._exit({{code}})
time.sleep(0.5)
print(os.wait()[1])
