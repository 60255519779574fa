# fails: shape shape
import os
import time

for _ in range(5):
    if os.fork() == 0:
        time.sleep(1)
        os._exit(0)
for _ in range(5):
    os.wait()
