# fails: printed one-line
import os
import time

a = {{before}}
if os.fork() == 0:
    a = {{after}}
    print(f"pid={os.getpid()} a={a}", end="", flush=True)
    time.sleep(0.3)
    os._exit(0)
os.wait()
print(f"pid={os.getpid()} a={a}")
