# fails: orphan child-first
import os
import sys
import time

pid = os.fork()
if pid == 0:
    time.sleep(min({{alone}}, {{work}} - 0.3))
    os._exit(0)
time.sleep({{work}})
sys.exit({{code}})
