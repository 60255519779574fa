# fails: values computes
import os
import time

SECONDS = [{{seconds}}]

for number, seconds in enumerate(SECONDS):
    if os.fork() == 0:
        end = time.monotonic() + seconds
        while number == 0 and time.monotonic() < end:
            pass
        time.sleep(max(0, end - time.monotonic()))
        os._exit(0)
for _ in SECONDS:
    os.wait()
