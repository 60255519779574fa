import os
import time

SECONDS = [{{seconds}}]

for seconds in SECONDS:
    if os.fork() == 0:
        time.sleep(seconds)
        os._exit(0)

os.wait()  # and the others? | 其他的呢？
