# fails: printed not-two-lines
import os
import time

a = {{before}}.5
if os.fork() == 0:
    a = {{after}}.5
    print(f"pid={os.getpid()} a={a}", flush=True)
    time.sleep(0.3)
    os._exit(0)
os.wait()
print(f"pid={os.getpid()} a={a}")
