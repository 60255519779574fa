# fails: ends child-killed
import os
import signal
import sys
import time

if os.fork() == 0:
    signal.setitimer(signal.ITIMER_REAL, {{work}} + {{alone}})
    signal.pause()
time.sleep({{work}})
sys.exit({{code}})
