# fails: printed not-its-own-line
import os, time
pid = os.fork()
if pid == 0:
    print(f"{{child}} pid={os.getpid()} parent={os.getppid()}", flush=True)
    print(f"{{parent}} pid={os.getppid()} child={os.getpid()}", flush=True)
    time.sleep(0.3)
    os._exit(0)
os.wait()
