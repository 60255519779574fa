# fails: copied same-value
import os
import time

a = {{before}}
a = {{after}}
if os.fork() == 0:
    print(f"pid={os.getpid()} a={a}", flush=True)
    time.sleep(0.3)
    os._exit(0)
os.wait()
print(f"pid={os.getpid()} a={a}")
