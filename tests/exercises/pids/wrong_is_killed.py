# fails: stayed child-killed
import os, time
pid = os.fork()
if pid == 0:
    print(f"{{child}} pid={os.getpid()} parent={os.getppid()}", flush=True)
    time.sleep(9)
    os._exit(0)
print(f"{{parent}} pid={os.getpid()} child={pid}", flush=True)
time.sleep(.3)
os.kill(pid, 15)
os.wait()
