# fails: stayed not-waited
import os, sys
import time
a = {{before}}
if os.fork() == 0:
    a = {{after}}
    print(f"pid={os.getpid()} a={a}", flush=True)
    time.sleep(0.3)
    os._exit(0)
print(f"pid={os.getpid()} a={a}")
os.wait()
