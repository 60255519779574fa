import os
import sys
import time


def tick():
    print("tick", flush=True)
    time.sleep(0.1)


pid = os.fork()
if pid == 0:
    time.sleep({{seconds}})
    os._exit({{code}})

_, status = os.waitpid(pid, 0)  # and the ticks? | tick 呢？
for _ in range(3):
    tick()
sys.exit(os.waitstatus_to_exitcode(status))
