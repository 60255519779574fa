# fails: forked no-child
import os

pid = os.fork()
if pid == 0:
    print(f"{{child}} pid={os.getpid()} parent={os.getppid()}", flush=True)
    os._exit(0)
print(f"{{parent}} pid={os.getpid()} child={pid}", flush=True)
os.wait()
