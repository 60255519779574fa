# fails: processes computes
import os
import sys
import time

if os.fork() == 0:
    time.sleep({{short}})
    os._exit(0)
end = time.monotonic() + {{long}}
while time.monotonic() < end:
    pass
os.wait()
sys.exit({{code}})
