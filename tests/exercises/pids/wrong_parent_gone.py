# fails: printed adopted
import os
import time

pid = os.fork()
if pid == 0:
    time.sleep(0.3)
    print(f"{{child}} pid={os.getpid()} parent={os.getppid()}", flush=True)
else:
    print(f"{{parent}} pid={os.getpid()} child={pid}", flush=True)
