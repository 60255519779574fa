# fails: counts stays
import os
import threading
import time

pids = []
for _ in range({{k}}):
    pid = os.fork()
    if pid == 0:
        time.sleep(3)
        os._exit(0)
    pids.append(pid)
threads = [threading.Thread(target=time.sleep, args=(1,)) for _ in range({{k}} - 1)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for pid in pids:
    os.waitpid(pid, 0)
