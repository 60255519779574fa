# fails: processes too-many
import os
import sys
import time

if os.fork() == 0:
    time.sleep({{short}})
    os._exit(0)
if os.fork() == 0:
    time.sleep(0.12)
    os._exit(0)
time.sleep({{long}})
os.wait()
os.wait()
sys.exit({{code}})
