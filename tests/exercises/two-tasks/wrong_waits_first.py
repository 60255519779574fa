# fails: at-once one-by-one
import os
import sys
import time

pid = os.fork()
if pid == 0:
    time.sleep({{short}})
    os._exit(0)
os.waitpid(pid, 0)
time.sleep({{long}})
sys.exit({{code}})
