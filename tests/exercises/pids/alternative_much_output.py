import os
import time

NOISE = "x" * 100 + "\n"

print(NOISE * 3000)
pid = os.fork()
if pid == 0:
    print(f"{{child}} pid={os.getpid()} parent={os.getppid()}", flush=True)
    time.sleep(0.3)
    os._exit(0)
os.waitpid(pid, 0)
print(f"{{parent}} pid={os.getpid()} child={pid}", flush=True)
print(NOISE * 3000)
