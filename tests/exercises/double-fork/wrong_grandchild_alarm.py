# fails: ends killed
import os
import signal
import sys
import time

if os.fork() == 0:
    if os.fork() == 0:
        signal.setitimer(signal.ITIMER_REAL, {{long}})
        signal.pause()
        os._exit(0)
    os._exit(0)
os.wait()
time.sleep({{short}})
sys.exit({{code}})
