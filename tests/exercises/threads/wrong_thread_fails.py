# fails: ends ended-badly
import os
import threading
import time



def work():
    time.sleep(1)
    return 1 / 0


pids = []
for _ in range({{k}}):
    pid = os.fork()
    if pid == 0:
        time.sleep(1)
        os._exit(0)
    pids.append(pid)
threads = [threading.Thread(target=work) for _ in range({{k}} - 1)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for pid in pids:
    os.waitpid(pid, 0)
