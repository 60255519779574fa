# fails: stayed child-crashed
import os
import time

a = {{before}}
pid = os.fork()
if pid == 0:
    a = {{after}}
    print(f"pid={os.getpid()} a={a}", flush=True)
    time.sleep(0.3)
    os.exit(0)
os.wait()
print(f"pid={os.getpid()} a={a}")
