# fails: values count
import os
import time

SECONDS = [{{seconds}}]

for seconds in SECONDS[:-1]:
    if os.fork() == 0:
        time.sleep(seconds)
        os._exit(0)
for _ in SECONDS[:-1]:
    os.wait()
