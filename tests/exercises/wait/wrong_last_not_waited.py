# fails: reaped not-waited
import os
import time

times = [{{seconds}}]
for seconds in times:
    if os.fork() == 0:
        time.sleep(seconds)
        os._exit(0)
for _ in times[1:]:
    os.wait()
time.sleep(max(times) - sorted(times)[-2] + 0.1)
