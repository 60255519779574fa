# fails: children pauses
import os
import time

SECONDS = [{{seconds}}]

for seconds in SECONDS:
    if os.fork() == 0:
        time.sleep(seconds)
        os._exit(0)
    if seconds == SECONDS[0]:
        time.sleep(0.4)
for _ in SECONDS:
    os.wait()
