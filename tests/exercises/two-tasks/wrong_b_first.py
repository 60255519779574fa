# fails: at-once one-by-one
import os
import sys
import time
time.sleep({{long}})
pid = os.fork()
if pid == 0:
    time.sleep({{short}})
    os._exit(0)
os.wait()
sys.exit({{code}})
