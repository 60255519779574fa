# fails: works not-its-own
import os
import sys
import time

pid = os.fork()
if pid == 0:
    for _ in range(round({{seconds}} / 0.1)):
        print("tick", flush=True)
        time.sleep(0.1)
    os._exit({{code}})
done = 0
while not done:
    time.sleep(0.1)
    done, status = os.waitpid(pid, os.WNOHANG)
for _ in range(3):
    print("tick", flush=True)
    time.sleep(0.1)
sys.exit(os.waitstatus_to_exitcode(status))
