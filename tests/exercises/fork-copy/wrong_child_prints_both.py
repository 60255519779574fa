# fails: printed not-its-own-line
import os
import time

a = {{before}}
pid = os.fork()
if pid == 0:
    print(f"pid={os.getpid()} a={{after}}", flush=True)
    print(f"pid={os.getppid()} a={a}", flush=True)
    time.sleep(0.3)
    os._exit(0)
os.wait()
