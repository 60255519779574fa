# fails: at-once not-waited
import os
import sys
import time

if (child := os.fork()) == 0:
    if os.fork() == 0:
        time.sleep({{short}})
    os._exit(0)
time.sleep({{long}})
os.waitpid(child, 0)
sys.exit({{code}})
