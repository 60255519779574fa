# fails: shape shape
import os
import time

depth = 0
while depth < 5 and os.fork() == 0:
    depth += 1
if depth == 5:
    time.sleep(1)
else:
    os.wait()
