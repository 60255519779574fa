# fails: orphan crashed
import os
import sys
import time

if os.fork() == 0:
    if os.fork() == 0:
        time.slep({{long}})
        os._exit(0)
    os._exit(0)
os.wait()
time.sleep({{short}})
sys.exit({{code}})
