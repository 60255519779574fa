# fails: zombie ignored
import os
import signal
import time

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if os.fork() == 0:
    os._exit({{code}})
time.sleep({{seconds}} + 0.3)
