# fails: works blocked
import os
import sys
import time

pid = os.fork()
if pid == 0:
    time.sleep({{seconds}})
    os._exit({{code}})
_, status = os.waitpid(pid, 0)
for _ in range(20):
    print("tick", flush=True)
    time.sleep(0.1)
sys.exit(os.waitstatus_to_exitcode(status))
