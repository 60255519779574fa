# fails: ends ends-late
import os
import time

pid = os.fork()
if pid == 0:
    time.sleep(0.35)
    os._exit({{code}})
time.sleep(0.35 + {{seconds}})
os.waitpid(pid, 0)
time.sleep(0.3)
