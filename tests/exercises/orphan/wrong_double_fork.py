# fails: orphan adopted-early
import os
import sys
import time

if os.fork() == 0:
    if os.fork() == 0:
        time.sleep({{work}} + {{alone}})
    os._exit(0)
os.wait()
time.sleep({{work}})
sys.exit({{code}})
