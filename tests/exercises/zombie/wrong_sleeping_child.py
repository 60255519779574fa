# fails: zombie asleep
import os
import time

if os.fork() == 0:
    time.sleep({{seconds}})
    os._exit({{code}})
os.wait()
time.sleep(0.3)
