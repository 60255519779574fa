# fails: values wrong-times
import os
import sys
import time
r, w = os.pipe()
if os.fork() == 0:
    os.close(r)
    time.sleep({{short}})
    os._exit(0)
if os.fork() == 0:
    os.close(w)
    os.read(r, 1)
    time.sleep({{long}})
    os._exit(0)
os.close(w)
os.wait()
os.wait()
sys.exit({{code}})
