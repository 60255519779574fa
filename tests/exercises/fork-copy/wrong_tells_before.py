# fails: printed too-many-lines
import os
import time

a = {{before}}
print(f"pid={os.getpid()} a={a}", flush=True)
if os.fork() == 0:
    a = {{after}}
    print(f"pid={os.getpid()} a={a}", flush=True)
    time.sleep(0.3)
    os._exit(0)
os.wait()
print(f"pid={os.getpid()} a={a}")
