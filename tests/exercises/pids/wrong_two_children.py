# fails: forked forks-twice
import os, time
for i in range(2):
    pid = os.fork()
    if pid == 0:
        print(f"{{child}} pid={os.getpid()} parent={os.getppid()}", flush=True)
        time.sleep(0.3)
        os._exit(0)
    print(f"{{parent}} pid={os.getpid()} child={pid}", flush=True)
os.wait(); os.wait()
