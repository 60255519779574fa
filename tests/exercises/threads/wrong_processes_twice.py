# fails: kinds no-threads
import os
import time

for _ in range(2 * {{k}}):
    if os.fork() == 0:
        time.sleep(1)
        os._exit(0)
for _ in range(2 * {{k}}):
    os.wait()
