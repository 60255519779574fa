import os
import time

for _ in range(5):
    if os.fork() == 0:  # whose child is it? In your tree not all are the program's own
        time.sleep(1)
        os._exit(0)
for _ in range(5):
    os.wait()
