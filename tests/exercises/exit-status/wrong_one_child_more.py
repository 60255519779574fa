# fails: kept children
import os
import time

pid = os.fork()
if pid == 0:
    os._exit({{code}})
other = os.fork()
if other == 0:
    time.sleep(0.12)
    os._exit(0)
os.waitpid(other, 0)
time.sleep(0.38)
_, status = os.waitpid(pid, 0)
print(os.waitstatus_to_exitcode(status))
