# fails: values another
import os
import signal
import time

pid = os.fork()
if pid == 0:
    while True:
        pass
os.setpriority(os.PRIO_PROCESS, pid, {{first}})
time.sleep(0.6)
os.setpriority(os.PRIO_PROCESS, pid, {{first}} + 1)
time.sleep(0.6)
os.kill(pid, signal.SIGTERM)
os.waitpid(pid, 0)
