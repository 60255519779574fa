# fails: shape count
import os
import time

for _ in range(5):
    pid = os.fork()
    if pid == 0:
        time.sleep(0.3)
        os._exit(0)
    os.waitpid(pid, 0)
