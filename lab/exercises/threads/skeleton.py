import os
import threading
import time

pids = []
for _ in range(2):  # how many? | 要几个？
    pid = os.fork()
    if pid == 0:
        time.sleep(1)
        os._exit(0)
    pids.append(pid)
# and the threads: threading.Thread(target=time.sleep, args=(1,)) | 线程呢？threading.Thread(target=time.sleep, args=(1,))
for pid in pids:
    os.waitpid(pid, 0)
