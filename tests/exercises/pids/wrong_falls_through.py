# fails: printed too-many-lines
import os
import time

pid = os.fork()
if pid == 0:
    print(f"{{child}} pid={os.getpid()} parent={os.getppid()}", flush=True)
    time.sleep(0.3)
print(f"{{parent}} pid={os.getpid()} child={pid}", flush=True)
if pid:
    os.wait()
