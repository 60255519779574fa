# fails: stayed child-killed
import os, signal
import time

a = {{before}}
pid = os.fork()
if pid == 0:
    a = {{after}}
    print(f"pid={os.getpid()} a={a}", flush=True)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    time.sleep(5)
os.wait()
print(f"pid={os.getpid()} a={a}")
