# fails: reaped never-reaped
import os
import time

if os.fork() == 0:
    os._exit({{code}})
time.sleep({{seconds}} + 0.3)
