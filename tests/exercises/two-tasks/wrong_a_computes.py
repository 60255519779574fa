# fails: processes computes
import os
import sys
import time

if os.fork() == 0:
    end = time.monotonic() + {{short}}
    while time.monotonic() < end:
        pass
    os._exit(0)
time.sleep({{long}})
os.wait()
sys.exit({{code}})
