# fails: at-once not-waited
import os
import sys
import time
for seconds in ({{short}}, {{long}}):
    pid = os.fork()
    if pid == 0:
        time.sleep(seconds)
        os._exit(0)
os.wait()
time.sleep({{long}} - {{short}} + 0.05)
sys.exit({{code}})
