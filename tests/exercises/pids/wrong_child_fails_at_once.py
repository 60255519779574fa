# fails: forked child-crashed
import os, time
pid = os.fork()
if pid == 0:
    print(f"{{child}} pid={os.getpid()} parent={os.getparent()}", flush=True)
    time.sleep(0.3)
    os._exit(0)
print(f"{{parent}} pid={os.getpid()} child={pid}", flush=True)
os.wait()
