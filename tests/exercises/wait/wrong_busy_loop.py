# fails: sleeps busy-loop
import os
import time

SECONDS = [{{seconds}}]

for seconds in SECONDS:
    if os.fork() == 0:
        time.sleep(seconds)
        os._exit(0)
reaped = 0
while reaped < len(SECONDS):
    pid, _ = os.waitpid(-1, os.WNOHANG)
    if pid:
        reaped += 1
