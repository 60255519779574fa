# fails: values child-runs-on
import os
import time

SECONDS = [{{seconds}}]

for seconds in SECONDS:
    if os.fork() == 0:
        time.sleep(seconds)
while True:
    try:
        os.wait()
    except ChildProcessError:
        break
