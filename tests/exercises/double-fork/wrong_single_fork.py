# fails: orphan single-fork
import os
import sys
import time

if os.fork() == 0:
    time.sleep({{long}})
    os._exit(0)
time.sleep({{short}})
sys.exit({{code}})
