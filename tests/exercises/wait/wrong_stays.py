# fails: over stays
import os
import time

SECONDS = [{{seconds}}]

for seconds in SECONDS:
    if os.fork() == 0:
        time.sleep(seconds)
        os._exit(0)
for _ in SECONDS:
    os.wait()
time.sleep(0.8)
