# fails: works other-pace
import os
import sys
import time

pid = os.fork()
if pid == 0:
    time.sleep({{seconds}})
    os._exit({{code}})
done = 0
while not done:
    print("tick", flush=True)
    time.sleep(0.45)
    done, status = os.waitpid(pid, os.WNOHANG)
for _ in range(3):
    print("tick", flush=True)
    time.sleep(0.1)
sys.exit(os.waitstatus_to_exitcode(status))
