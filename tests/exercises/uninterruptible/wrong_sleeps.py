# fails: uninterruptible asleep
import os
import sys
import time

pid = os.fork()
if pid == 0:
    time.sleep({{seconds}})
    os._exit(0)
os.waitpid(pid, 0)
sys.exit({{code}})
