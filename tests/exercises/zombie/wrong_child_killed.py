# fails: ends child-killed
import os
import signal
import time

pid = os.fork()
if pid == 0:
    os.kill(os.getpid(), signal.SIGSEGV)
time.sleep({{seconds}})
os.waitpid(pid, 0)
time.sleep(0.3)
