"""Much is printed, ps is started in between, and the wait is that of a pidfd."""

import os
import select
import subprocess
import sys
import time

print("x" * 300000, flush=True)
pid = os.fork()
if pid == 0:
    print("y" * 300000, file=sys.stderr)
    sys.exit({{code}})
process = os.pidfd_open(pid)
select.select([process], [], [])
end = time.monotonic() + {{seconds}}
subprocess.run(["ps", "-o", "pid,stat"])
time.sleep(max(0.0, end - time.monotonic()))
os.waitid(os.P_PIDFD, process, os.WEXITED)
print("z\r" * 300000, flush=True)
time.sleep(0.3)
