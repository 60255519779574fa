# fails: printed same-pid
import os, sys
import time
a = {{before}}
me = os.getpid()
if os.fork() == 0:
    a = {{after}}
    print(f"pid={me} a={a}", flush=True)
    time.sleep(0.3)
    os._exit(0)
os.wait()
print(f"pid={me} a={a}")
