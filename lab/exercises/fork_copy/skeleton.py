import os
import time

a = {{before}}

# Here one process becomes two: fork.

print(f"pid={os.getpid()} a={a}", flush=True)
time.sleep(0.3)
