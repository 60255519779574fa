# fails: orphan single-fork
import ctypes
import os
import sys
import time

ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
if (middle := os.fork()) == 0:
    if os.fork() == 0:
        time.sleep({{long}})
    os._exit(0)
os.waitpid(middle, 0)
time.sleep({{short}})
sys.exit({{code}})
