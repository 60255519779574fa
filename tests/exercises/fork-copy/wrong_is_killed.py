# fails: stayed child-killed
import os, signal
import time

a = {{before}}
pid = os.fork()
if pid == 0:
    a = {{after}}
    print(f"pid={os.getpid()} a={a}", flush=True)
    time.sleep(5)
    os._exit(0)
time.sleep(0.3)
os.kill(pid, 9)
os.wait()
print(f"pid={os.getpid()} a={a}")
