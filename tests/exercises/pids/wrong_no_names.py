# fails: values wrong-name
import os, time
pid = os.fork()
if pid == 0:
    print(f"pid={os.getpid()} parent={os.getppid()}", flush=True)
    time.sleep(0.3)
    os._exit(0)
print(f"pid={os.getpid()} child={pid}", flush=True)
os.wait()
