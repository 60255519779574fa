# fails: orphan child-killed
import os
import signal
import sys
import time

pid = os.fork()
if pid == 0:
    time.sleep({{work}} + {{alone}})
    os._exit(0)
time.sleep({{work}})
os.kill(pid, signal.SIGTERM)
sys.exit({{code}})
