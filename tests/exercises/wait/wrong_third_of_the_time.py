# fails: values times
import os
import time

SECONDS = [{{seconds}}]

for seconds in SECONDS:
    if os.fork() == 0:
        time.sleep(seconds / 3)
        os._exit(0)
for _ in SECONDS:
    os.wait()
