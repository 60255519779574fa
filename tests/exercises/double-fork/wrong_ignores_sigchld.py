# fails: middle not-waited
import os
import signal
import sys
import time

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if os.fork() == 0:
    if os.fork() == 0:
        time.sleep({{long}})
        os._exit(0)
    os._exit(0)
time.sleep({{short}})
sys.exit({{code}})
