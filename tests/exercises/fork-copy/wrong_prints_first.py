# fails: stayed not-waited
import os
import time

a = {{before}}
pid = os.fork()
if pid == 0:
    a = {{after}}
    print(f"pid={os.getpid()} a={a}", flush=True)
    time.sleep(0.3)
    os._exit(0)
print(f"pid={os.getpid()} a={a}", flush=True)
os.wait()
