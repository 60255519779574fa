# fails: printed one-line
import os
import time

pid = os.fork()
if pid == 0:
    print(f"{{child}} pid={os.getpid()} parent={os.getppid()} ", end="", flush=True)
    time.sleep(0.3)
    os._exit(0)
os.wait()
print(f"{{parent}} pid={os.getpid()} child={pid}", flush=True)
