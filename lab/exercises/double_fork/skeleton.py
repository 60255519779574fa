import os
import sys
import time

pid = os.fork()
if pid == 0:
    time.sleep({{long}})  # the long work
    os._exit(0)

time.sleep({{short}})  # the parent's own work
sys.exit({{code}})
