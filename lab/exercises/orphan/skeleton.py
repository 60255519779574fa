import os
import sys
import time

pid = os.fork()
if pid == 0:
    time.sleep({{alone}})  # the child: is that long enough?
    os._exit(0)
else:
    time.sleep({{work}})  # the parent's work
    os.waitpid(pid, 0)
    sys.exit({{code}})
