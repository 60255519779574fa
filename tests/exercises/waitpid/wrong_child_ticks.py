# fails: works not-its-own
import os
import sys
import time

pid = os.fork()
if pid == 0:
    end = time.monotonic() + {{seconds}}
    while time.monotonic() < end:
        print("tick", flush=True)
        time.sleep(0.1)
    os._exit({{code}})
_, status = os.waitpid(pid, 0)
for _ in range(3):
    print("tick", flush=True)
    time.sleep(0.1)
sys.exit(os.waitstatus_to_exitcode(status))
