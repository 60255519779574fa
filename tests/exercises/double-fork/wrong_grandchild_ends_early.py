# fails: values wrong-time
import os
import sys
import time

if os.fork() == 0:
    if os.fork() == 0:
        time.sleep({{short}} - 0.2)
        os._exit(0)
    os._exit(0)
os.wait()
time.sleep({{short}})
sys.exit({{code}})
