import os
import time

ready, go = os.pipe()
pid = os.fork()
if pid == 0:
    os.close(go)
    os.read(ready, 1)
    print("{{child}}", f"pid={os.getpid()}", f"parent={os.getppid()}", flush=True)
    time.sleep(0.3)
    os._exit(0)
os.close(ready)
os.close(go)
print("{{parent}}", f"pid={os.getpid()}", f"child={pid}", flush=True)
os.wait()
