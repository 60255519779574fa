# fails: reaped ignored
import os
import signal
import time

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for seconds in [{{seconds}}]:
    if os.fork() == 0:
        time.sleep(seconds)
        os._exit(0)
try:
    os.wait()
except ChildProcessError:
    pass
