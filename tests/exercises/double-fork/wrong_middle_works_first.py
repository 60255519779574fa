# fails: middle middle-stays
import os
import sys
import time

if os.fork() == 0:
    time.sleep(0.6)
    if os.fork() == 0:
        time.sleep({{long}})
        os._exit(0)
    os._exit(0)
os.wait()
time.sleep({{short}})
sys.exit({{code}})
