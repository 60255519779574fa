# fails: printed too-many-lines
import os
import time

a = {{before}}
pid = os.fork()
if pid == 0:
    a = {{after}}
    print(f"pid={os.getpid()} a={a}", flush=True)
    time.sleep(0.3)
else:
    os.wait()
print(f"pid={os.getpid()} a={a}")
