# fails: changed two-processes
import os
import signal
import time

for niceness in {{first}}, {{second}}:
    pid = os.fork()
    if pid == 0:
        os.nice(niceness)
        while True:
            pass
    time.sleep(0.6)
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)
