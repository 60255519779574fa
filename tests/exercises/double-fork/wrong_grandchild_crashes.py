# fails: ends crashed
import os
import sys
import time

if os.fork() == 0:
    if os.fork() == 0:
        time.sleep({{long}})
        raise ValueError("too late")
        os._exit(0)
    os._exit(0)
os.wait()
time.sleep({{short}})
sys.exit({{code}})
