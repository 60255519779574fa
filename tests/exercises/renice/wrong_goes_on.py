# fails: values went-on
import os
import signal
import time

pid = os.fork()
if pid == 0:
    while True:
        pass
for niceness in {{first}}, {{second}}, {{second}} + 1:
    os.setpriority(os.PRIO_PROCESS, pid, niceness)
    time.sleep(0.6)
os.kill(pid, signal.SIGTERM)
os.waitpid(pid, 0)
