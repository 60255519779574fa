# fails: values count
import os
import time

SECONDS = [{{seconds}}]

for seconds in SECONDS:
    if os.fork() == 0:
        time.sleep(seconds)
        os._exit(0)
if os.fork() == 0:
    time.sleep(0.1)
    os._exit(0)
for _ in SECONDS:
    os.wait()
os.wait()
