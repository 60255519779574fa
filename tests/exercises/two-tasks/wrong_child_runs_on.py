# fails: at-once task-missing
import os
import sys
import time

pid = os.fork()
if pid == 0:
    time.sleep({{short}})
time.sleep({{long}})
if pid:
    os.waitpid(pid, 0)
    sys.exit({{code}})
