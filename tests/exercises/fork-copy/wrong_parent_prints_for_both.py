# fails: stayed does-not-stay
import os
import time

a = {{before}}
pid = os.fork()
if pid == 0:
    time.sleep(0.3)
    os._exit(0)
os.wait()
print(f"pid={pid} a={{after}}")
print(f"pid={os.getpid()} a={a}")
