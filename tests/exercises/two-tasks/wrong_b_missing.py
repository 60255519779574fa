# fails: at-once b-missing
import os
import sys
import time

pid = os.fork()
if pid == 0:
    time.sleep({{short}})
    os._exit(0)
os.wait()
sys.exit({{code}})
