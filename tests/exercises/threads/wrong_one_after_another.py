# fails: kinds apart
import os
import threading
import time

for _ in range({{k}}):
    if os.fork() == 0:
        time.sleep(0.6)
        os._exit(0)
for _ in range({{k}}):
    os.wait()
threads = [threading.Thread(target=time.sleep, args=(0.6,)) for _ in range({{k}} - 1)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
