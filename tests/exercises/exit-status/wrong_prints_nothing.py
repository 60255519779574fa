# fails: printed not-printed
import os
import time

if os.fork() == 0:
    os._exit({{code}})
time.sleep(0.5)
os.wait()
print("done")
