# fails: uninterruptible never
import os
import sys
import time

print(os.getpid(), "D")
time.sleep({{seconds}})
sys.exit({{code}})
