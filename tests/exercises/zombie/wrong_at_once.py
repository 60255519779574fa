# fails: zombie reaped-at-once
import os
import time

if os.fork() == 0:
    time.sleep(0.1)
    os._exit({{code}})
os.wait()
time.sleep({{seconds}})
