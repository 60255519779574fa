# fails: changed asleep
import os
import time


def run(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


os.setpriority(os.PRIO_PROCESS, 0, {{first}})
run(0.6)
os.setpriority(os.PRIO_PROCESS, 0, {{second}})
run(0.15)
time.sleep(0.45)
