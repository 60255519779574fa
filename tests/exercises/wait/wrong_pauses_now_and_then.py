# fails: children pauses
import os
import time

times = [{{seconds}}]
for seconds in times:
    if os.fork() == 0:
        time.sleep(seconds)
        os._exit(0)
    time.sleep(1 / len(times))
for _ in times:
    os.wait()
