# fails: ran parent-killed
import os
import signal
import time

parent = os.getpid()
if os.fork() == 0:
    time.sleep({{work}})
    os.kill(parent, signal.SIGKILL)
    time.sleep({{alone}})
    os._exit(0)
time.sleep(10)
