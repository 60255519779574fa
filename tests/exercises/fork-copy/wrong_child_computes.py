# fails: forked computes
import os
import time

a = {{before}}
if os.fork() == 0:
    a = {{after}}
    print(f"pid={os.getpid()} a={a}", flush=True)
    while time.process_time() < 0.3:
        pass
    os._exit(0)
os.wait()
print(f"pid={os.getpid()} a={a}")
