# fails: values wrong-time
import os
import time

pid = os.fork()
if pid == 0:
    os._exit({{code}})
time.sleep({{seconds}} + 2)
os.waitpid(pid, 0)
time.sleep(0.3)
