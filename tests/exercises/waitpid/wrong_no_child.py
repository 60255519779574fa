# fails: child no-child
import sys
import time

for _ in range(12):
    print("tick", flush=True)
    time.sleep(0.1)
sys.exit({{code}})
