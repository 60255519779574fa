# fails: alone several
import os
import sys
import time

if os.fork() == 0:
    if os.fork() == 0:
        time.sleep({{long}})
        os._exit(0)
    os._exit(0)
os.wait()
if os.fork() == 0:
    time.sleep({{long}})
    os._exit(0)
time.sleep({{short}})
sys.exit({{code}})
