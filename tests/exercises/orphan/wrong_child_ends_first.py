# fails: orphan child-first
import os
import sys
import time

if os.fork() == 0:
    os._exit(0)
time.sleep({{work}})
sys.exit({{code}})
