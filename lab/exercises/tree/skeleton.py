import os
import time

for _ in range(5):
    if os.fork() == 0:  # whose child is it? Not all are P's own | 它是谁的子进程？并非都是 P 的
        time.sleep(1)
        os._exit(0)
for _ in range(5):
    os.wait()
