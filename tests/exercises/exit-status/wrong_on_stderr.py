# fails: printed not-printed
import os
import sys
import time

pid = os.fork()
if pid == 0:
    os._exit({{code}})
time.sleep(0.5)
_, status = os.waitpid(pid, 0)
print("status", os.waitstatus_to_exitcode(status), file=sys.stderr)
