# fails: stayed does-not-stay
import os
import time

pid = os.fork()
if pid == 0:
    time.sleep(0.3)
    print(f"{{child}} pid={os.getpid()} parent={os.getppid()}", flush=True)
    os._exit(0)
print(f"{{parent}} pid={os.getpid()} child={pid}", flush=True)
os.wait()
