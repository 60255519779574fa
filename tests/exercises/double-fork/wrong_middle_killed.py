# fails: middle killed
import os
import signal
import sys
import time

if os.fork() == 0:
    if os.fork() == 0:
        time.sleep({{long}})
        os._exit(0)
    time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGKILL)
os.wait()
time.sleep({{short}})
sys.exit({{code}})
