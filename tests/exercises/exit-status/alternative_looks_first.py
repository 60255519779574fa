import os
import time

pid = os.fork()
if pid == 0:
    os._exit({{code}})
time.sleep(0.5)
r = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
print("ended with", r.si_status, flush=True)
time.sleep(0.1)
os.waitpid(pid, 0)
