# fails: values computes
import os
import sys
import time

if os.fork() == 0:
    if os.fork() == 0:
        time.sleep({{long}})
    os._exit(0)
os.wait()
end = time.monotonic() + {{short}}
while time.monotonic() < end:
    pass
sys.exit({{code}})
