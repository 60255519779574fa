# fails: values wrong-time
import os
import sys
import time

if os.fork() == 0:
    if os.fork():
        os._exit(0)
    time.sleep({{long}})
else:
    os.wait()
time.sleep({{short}})
sys.exit({{code}})
