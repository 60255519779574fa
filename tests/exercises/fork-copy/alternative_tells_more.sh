#!/usr/bin/env python3
# Other lines do not count: of another pid, of an error that was expected.
import os
import time
import traceback

a = {{before}}
print(f"ppid={os.getppid()} a={a}", flush=True)
if os.fork() == 0:
    a = {{after}}
    time.sleep(0.2)
    print(f"pid={os.getpid()} a={a}", flush=True)
    time.sleep(0.3)
    os._exit(0)
os.wait()
print(f"pid={os.getpid()} a={a}")
try:
    os.wait()
except ChildProcessError:
    traceback.print_exc()
