# fails: sleeps busy-loop
import os
import time

SECONDS = [{{seconds}}]

for seconds in SECONDS:
    if os.fork() == 0:
        time.sleep(seconds)
        os._exit(0)
running = len(SECONDS)
while running:
    if os.waitpid(-1, os.WNOHANG) == (0, 0):
        time.sleep(0)
    else:
        running -= 1
