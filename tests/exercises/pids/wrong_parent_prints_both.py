# fails: printed not-its-own-line
import os, time
pid = os.fork()
if pid == 0:
    time.sleep(0.3)
    os._exit(0)
print(f"{{child}} pid={pid} parent={os.getpid()}", flush=True)
print(f"{{parent}} pid={os.getpid()} child={pid}", flush=True)
os.wait()
