# fails: values too-long
import os
import signal
import time

pid = os.fork()
if pid == 0:
    while True:
        pass
os.setpriority(os.PRIO_PROCESS, pid, {{first}})
time.sleep(0.6)
os.setpriority(os.PRIO_PROCESS, pid, {{second}})
time.sleep(2.5)
os.kill(pid, signal.SIGTERM)
os.waitpid(pid, 0)
