# fails: values times
import os
import time

SECONDS = [{{seconds}}]

for seconds in SECONDS:
    if os.fork() == 0:
        time.sleep(max(SECONDS))
        os._exit(0)
for _ in SECONDS:
    os.wait()
