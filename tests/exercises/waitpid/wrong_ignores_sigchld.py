# fails: reaped not-waited
import os
import signal
import sys
import time

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
pid = os.fork()
if pid == 0:
    time.sleep({{seconds}})
    os._exit({{code}})
try:
    while os.waitpid(pid, os.WNOHANG) == (0, 0):
        print("tick", flush=True)
        time.sleep(0.1)
except ChildProcessError:
    pass
for _ in range(3):
    print("tick", flush=True)
    time.sleep(0.1)
sys.exit({{code}})
