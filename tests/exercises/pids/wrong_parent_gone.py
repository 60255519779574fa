# fails: printed adopted
import os
import time

parent = os.getpid()
pid = os.fork()
if pid == 0:
    time.sleep(0.3)
    while os.getppid() == parent:
        time.sleep(0.01)
    print(f"{{child}} pid={os.getpid()} parent={os.getppid()}", flush=True)
else:
    print(f"{{parent}} pid={os.getpid()} child={pid}", flush=True)
