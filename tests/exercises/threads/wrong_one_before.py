# fails: counts extra
import os
import threading
import time

if os.fork() == 0:
    time.sleep(0.4)
    os._exit(0)
os.wait()
pids = []
for _ in range({{k}}):
    pid = os.fork()
    if pid == 0:
        time.sleep(1)
        os._exit(0)
    pids.append(pid)
threads = [threading.Thread(target=time.sleep, args=(1,)) for _ in range({{k}} - 1)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for pid in pids:
    os.waitpid(pid, 0)
