# fails: counts brief
import os
import threading
import time

pids = []
for _ in range({{k}}):
    pid = os.fork()
    if pid == 0:
        time.sleep(0.5)
        os._exit(0)
    pids.append(pid)
threads = [threading.Thread(target=time.sleep, args=(0.5,)) for _ in range({{k}} - 1)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for pid in pids:
    os.waitpid(pid, 0)
