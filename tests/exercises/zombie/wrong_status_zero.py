# fails: values wrong-status
import os
import time

pid = os.fork()
if pid == 0:
    os._exit(0)
time.sleep({{seconds}})
os.waitpid(pid, 0)
time.sleep(0.3)
