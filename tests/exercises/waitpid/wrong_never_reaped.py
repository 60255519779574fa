# fails: reaped never-reaped
import os
import sys
import time

if os.fork() == 0:
    time.sleep({{seconds}})
    os._exit({{code}})
for _ in range(round({{seconds}} * 10) + 8):
    print("tick", flush=True)
    time.sleep(0.1)
sys.exit({{code}})
