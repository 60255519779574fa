# fails: orphan middle-stays
import os
import sys
import time

if os.fork() == 0:
    if os.fork() == 0:
        time.sleep({{long}})
        os._exit(0)
    os.wait()
    os._exit(0)
time.sleep({{short}})
sys.exit({{code}})
