# fails: values wrong-times
import os
import sys
import time
pids = []
for seconds in ({{short}}, {{long}}):
    pid = os.fork()
    if pid == 0:
        time.sleep(seconds)
        os._exit(0)
    pids.append(pid)
for pid in pids:
    os.waitpid(pid, 0)
time.sleep(0.6)
sys.exit({{code}})
