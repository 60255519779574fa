# fails: at-once one-by-one
import os
import sys
import time

time.sleep(0.29)
if os.fork() == 0:
    time.sleep({{short}})
    os._exit(0)
time.sleep({{long}})
os.wait()
sys.exit({{code}})
