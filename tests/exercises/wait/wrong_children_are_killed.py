# fails: ends ended-badly
import os
import signal

SECONDS = [{{seconds}}]

for seconds in SECONDS:
    if os.fork() == 0:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        signal.pause()
for _ in SECONDS:
    os.wait()
