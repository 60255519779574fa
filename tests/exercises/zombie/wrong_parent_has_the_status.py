# fails: ran crashed
import os
import sys
import time

pid = os.fork()
if pid == 0:
    os._exit(0)
time.sleep({{seconds}})
os.waitpid(pid, 0)
time.sleep(0.3)
sys.exit({{code}})
