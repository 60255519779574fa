# fails: values too-many
import os
import sys
import time

for _ in range(2):
    if os.fork() == 0:
        time.sleep({{short}})
        os._exit(0)
time.sleep({{long}})
os.wait()
os.wait()
sys.exit({{code}})
