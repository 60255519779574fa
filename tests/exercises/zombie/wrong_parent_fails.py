# fails: reaped crashed
import os
import time

if os.fork() == 0:
    if os.fork() == 0:
        os._exit({{code}})
    time.sleep({{seconds}})
    os.wait()
    time.sleep(0.3)
    os._exit(5)
os.wait()
