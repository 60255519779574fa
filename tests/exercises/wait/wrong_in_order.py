# fails: reaped late
import os
import time

SECONDS = [{{seconds}}]

pids = []
for seconds in SECONDS:
    pid = os.fork()
    if pid == 0:
        time.sleep(seconds)
        os._exit(0)
    pids.append(pid)
for pid in pids:
    os.waitpid(pid, 0)
