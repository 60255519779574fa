# fails: at-once child-crashed
import os
import sys
import time
pid = os.fork()
if pid == 0:
    time.sleep({{short}})
    os.exit(0)
time.sleep({{long}})
os.waitpid(pid, 0)
sys.exit({{code}})
