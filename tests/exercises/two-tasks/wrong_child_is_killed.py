# fails: at-once child-killed
import os
import signal
import sys
import time
pid = os.fork()
if pid == 0:
    signal.pause()
time.sleep({{short}})
os.kill(pid, 15)
time.sleep({{long}} - {{short}})
os.waitpid(pid, 0)
sys.exit({{code}})
