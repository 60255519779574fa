# fails: reaped late
import os
import time

SECONDS = [{{seconds}}]

for seconds in SECONDS:
    if os.fork() == 0:
        time.sleep(seconds)
        os._exit(0)
running = len(SECONDS)
while running:
    time.sleep(1)
    while running and os.waitpid(-1, os.WNOHANG) != (0, 0):
        running -= 1
