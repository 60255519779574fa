# fails: ran left-running
import os
import sys
import time

if os.fork() == 0:
    if os.fork() == 0:
        time.sleep(30)
        os._exit(0)
    os._exit(0)
os.wait()
time.sleep({{short}})
sys.exit({{code}})
