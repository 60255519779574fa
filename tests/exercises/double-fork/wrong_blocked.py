# fails: free blocked
import os
import sys
import time

reading, writing = os.pipe()
if os.fork() == 0:
    if os.fork() == 0:
        time.sleep({{long}})
    os._exit(0)
os.close(writing)
os.wait()
os.read(reading, 1)
time.sleep({{short}})
sys.exit({{code}})
