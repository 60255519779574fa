# fails: printed not-its-own-line
import os
import time

a = {{before}}
pid = os.fork()
if pid == 0:
    time.sleep(0.3)
    os._exit(0)
print(f"pid={pid} a={{after}}", flush=True)
os.wait()
print(f"pid={os.getpid()} a={a}")
