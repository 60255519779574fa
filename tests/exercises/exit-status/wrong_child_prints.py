# fails: printed too-early
import os
import sys
import time

if os.fork() == 0:
    print("my status is", {{code}})
    sys.exit({{code}})
time.sleep(0.5)
os.wait()
