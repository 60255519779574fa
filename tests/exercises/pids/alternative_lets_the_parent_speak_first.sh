#!/usr/bin/env python3
# The child gives its parent time to print; other lines do not count.
import os
import time

print(f"begin: ppid={os.getppid()} child=0", flush=True)
pid = os.fork()
if pid == 0:
    time.sleep(0.9)
    print(f"{{child}} pid={os.getpid()} parent={os.getppid()}", flush=True)
    time.sleep(0.3)
    os._exit(0)
print(f"{{parent}} pid={os.getpid()} child={pid}", flush=True)
os.wait()
