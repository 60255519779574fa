# fails: values wrong-status
import os
import sys
import time

if os.fork() == 0:
    if os.fork() == 0:
        time.sleep({{long}})
        os._exit(0)
    os._exit({{code}})
os.wait()
time.sleep({{short}})
