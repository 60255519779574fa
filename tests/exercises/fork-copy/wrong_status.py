# fails: ran crashed
import os, sys
import time
a = {{before}}
if os.fork() == 0:
    a = {{after}}
    print(f"pid={os.getpid()} a={a}", flush=True)
    time.sleep(0.3)
    os._exit(0)
os.wait()
print(f"pid={os.getpid()} a={a}")
sys.exit(1)
