# fails: forked forks-twice
import os
import time

a = {{before}}
if os.fork() == 0:
    a = {{after}}
    print(f"pid={os.getpid()} a={a}", flush=True)
    time.sleep(0.3)
    os._exit(0)
if os.fork() == 0:
    time.sleep(0.12)
    os._exit(0)
os.wait()
os.wait()
print(f"pid={os.getpid()} a={a}")
