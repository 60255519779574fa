# fails: forked forks-twice
import os
import time

a = {{before}}
first, second = os.fork(), os.fork()
if second == 0:
    time.sleep(0.3)
    os._exit(0)
if first == 0:
    a = {{after}}
    print(f"pid={os.getpid()} a={a}", flush=True)
    os.wait()
    os._exit(0)
os.wait()
os.wait()
print(f"pid={os.getpid()} a={a}")
