# fails: printed no-relatives
import os
import time

a = {{before}}
if os.fork() == 0:
    if os.fork() == 0:
        time.sleep(0.05)
        a = {{after}}
        print(f"pid={os.getpid()} a={a}", flush=True)
        time.sleep(0.3)
    os._exit(0)
os.wait()
time.sleep(0.5)
print(f"pid={os.getpid()} a={a}")
