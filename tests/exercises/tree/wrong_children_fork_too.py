# fails: shape count
import os
import time

children = 0
for _ in range(3):
    if os.fork() != 0:
        children += 1
    else:
        children = 0
time.sleep(1)
for _ in range(children):
    os.wait()
