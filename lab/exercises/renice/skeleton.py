import os
import signal
import time

pid = os.fork()
if pid == 0:
    while True:
        pass
time.sleep(1.2)  # meanwhile: which niceness, and when?
os.kill(pid, signal.SIGTERM)
os.waitpid(pid, 0)
