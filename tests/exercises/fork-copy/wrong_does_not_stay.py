# fails: forked no-child
import os
import time

a = {{before}}
pid = os.fork()
if pid == 0:
    a = {{after}}
    print(f"pid={os.getpid()} a={a}", flush=True)
    os._exit(0)
time.sleep(0.3)
os.wait()
print(f"pid={os.getpid()} a={a}")
