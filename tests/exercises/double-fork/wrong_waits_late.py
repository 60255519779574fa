# fails: middle middle-zombie
import os
import sys
import time

if os.fork() == 0:
    if os.fork() == 0:
        time.sleep({{long}})
        os._exit(0)
    os._exit(0)
time.sleep(0.5)
os.wait()
time.sleep({{short}} - 0.5)
sys.exit({{code}})
