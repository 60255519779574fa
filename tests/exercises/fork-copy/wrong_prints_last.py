# fails: stayed does-not-stay
import os
import time

a = {{before}}
if os.fork() == 0:
    a = {{after}}
    time.sleep(0.3)
    print(f"pid={os.getpid()} a={a}", flush=True)
    os._exit(0)
os.wait()
print(f"pid={os.getpid()} a={a}")
