# fails: values wrong-status
import os
import sys
import time
pid = os.fork()
if pid == 0:
    time.sleep({{short}})
    os._exit(0)
time.sleep({{long}})
os.waitpid(pid, 0)
