# fails: changed over
import os
import time

pid = os.fork()
if pid == 0:
    for _ in range(1):
        pass
    os._exit(0)
os.setpriority(os.PRIO_PROCESS, pid, {{first}})
time.sleep(0.6)
os.setpriority(os.PRIO_PROCESS, pid, {{second}})
time.sleep(0.6)
os.waitpid(pid, 0)
