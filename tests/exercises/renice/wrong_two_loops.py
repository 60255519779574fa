# fails: changed several
import os
import signal
import time

os.fork()
pid = os.fork()
if pid == 0:
    while True:
        pass
os.setpriority(os.PRIO_PROCESS, pid, {{first}})
time.sleep(0.6)
os.setpriority(os.PRIO_PROCESS, pid, {{second}})
time.sleep(0.6)
os.kill(pid, signal.SIGTERM)
os.waitpid(pid, 0)
time.sleep(0.5)
