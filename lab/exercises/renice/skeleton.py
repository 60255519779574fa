import os
import signal
import time

pid = os.fork()
if pid == 0:
    while True:
        pass
time.sleep(1.2)  # meanwhile: which niceness, and when? | 在此期间：什么时候，设成什么 nice 值？
os.kill(pid, signal.SIGTERM)
os.waitpid(pid, 0)
