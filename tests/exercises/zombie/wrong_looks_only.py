# fails: reaped never-reaped
import os
import time

pid = os.fork()
if pid == 0:
    os._exit({{code}})
time.sleep({{seconds}})
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
time.sleep(0.3)
