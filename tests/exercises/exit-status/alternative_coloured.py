import os
import time

pid = os.posix_spawn("/bin/sh", ["sh", "-c", "exit {{code}}"], {})
time.sleep(0.5)
_, status, _ = os.wait4(pid, 0)
print(f"\x1b[1mstatus {os.waitstatus_to_exitcode(status)}\x1b[0m")
