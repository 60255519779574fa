# fails: stayed does-not-stay
import os
import time

a = {{before}}
if os.fork() == 0:
    a = {{after}}
    print(f"pid={os.getpid()} a={a}", flush=True)
    time.sleep(1)
    os._exit(0)
os.wait()
print(f"pid={os.getpid()} a={a}")
