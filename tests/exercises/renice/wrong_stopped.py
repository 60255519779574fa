# fails: changed stopped
import os
import signal
import time

pid = os.fork()
if pid == 0:
    while True:
        pass
os.setpriority(os.PRIO_PROCESS, pid, {{first}})
time.sleep(0.6)
os.kill(pid, signal.SIGSTOP)  # so that it takes no time while its niceness changes
os.setpriority(os.PRIO_PROCESS, pid, {{second}})
time.sleep(0.6)
os.kill(pid, signal.SIGKILL)
os.waitpid(pid, 0)
