# fails: counts count
import os
import threading
import time


def start_threads():
    for _ in range({{k}} - 1):
        threading.Thread(target=time.sleep, args=(1,)).start()


for _ in range({{k}}):
    if os.fork() == 0:
        start_threads()
        time.sleep(1)
        os._exit(0)
start_threads()
for _ in range({{k}}):
    os.wait()
