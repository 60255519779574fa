import os
import time
print("I am", os.getpid(), flush=True)
pid = os.fork()
if pid == 0:
    print(("x" * 100 + "\n") * 3000)
    print(f"{{child}} pid={os.getpid()} parent={os.getppid()}", flush=True)
    print(("y" * 100 + "\n") * 3000)
    time.sleep(0.3)
    os._exit(0)
print(f"{{parent}} pid={os.getpid()} child={pid}", flush=True)
os.waitpid(pid, 0)
print(("z" * 100 + "\n") * 3000)
