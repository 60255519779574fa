import os
import time

NOISE = "x" * 100 + "\n"

a = {{before}}
print(NOISE * 3000, flush=True)
if os.fork() == 0:
    a = {{after}}
    print(f"pid={os.getpid()} a={a}", flush=True)
    time.sleep(0.3)
    os._exit(0)
os.wait()
print(NOISE * 3000)
print(f"pid={os.getpid()} a={a}")
print(NOISE * 3000)
