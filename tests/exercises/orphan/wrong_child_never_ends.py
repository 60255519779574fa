# fails: ran left-running
import os
import sys
import time

if os.fork() == 0:
    while True:
        time.sleep(1)
time.sleep({{work}})
sys.exit({{code}})
