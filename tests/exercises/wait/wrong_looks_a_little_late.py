# fails: reaped late
import os
import time

SECONDS = [{{seconds}}]

for seconds in SECONDS:
    if os.fork() == 0:
        time.sleep(seconds)
        os._exit(0)
time.sleep(min(SECONDS) + 0.4)
for _ in SECONDS:
    os.wait()
