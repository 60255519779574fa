# fails: ran crashed
import os
import sys
import time

SECONDS = [{{seconds}}]

for seconds in SECONDS:
    if os.fork() == 0:
        time.sleep(seconds)
        os._exit(0)
for _ in SECONDS:
    os.wait()
sys.exit(3)
