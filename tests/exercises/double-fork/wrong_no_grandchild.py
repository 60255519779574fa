# fails: orphan no-child
import os
import sys
import time

if os.fork() == 0:
    os._exit(0)
os.wait()
time.sleep({{short}})
sys.exit({{code}})
