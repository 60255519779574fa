# fails: values wrong-time
import os
import sys
import time

if os.fork() == 0:
    if os.fork() == 0:
        time.sleep({{long}})
    os._exit(0)
os.wait()
time.sleep({{short}} - 0.3)
sys.exit({{code}})
