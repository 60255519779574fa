# fails: at-once swapped
import os
import sys
import time

pid = os.fork()
if pid == 0:
    time.sleep({{long}})
    os._exit(0)
time.sleep({{short}})
os.waitpid(pid, 0)
sys.exit({{code}})
