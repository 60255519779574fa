# fails: stayed not-waited
import os
import time

pid = os.fork()
if pid == 0:
    print(f"{{child}} pid={os.getpid()} parent={os.getppid()}", flush=True)
    time.sleep(0.3)
    os._exit(0)
print(f"{{parent}} pid={os.getpid()} child={pid}", flush=True)
time.sleep(0.35)
os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
os._exit(0)
