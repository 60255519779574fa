# fails: printed fork-returned-0
import os
import time

pid = os.fork()
if pid == 0:
    print(f"{{child}} pid={pid} parent={os.getppid()}", flush=True)
    time.sleep(0.3)
    os._exit(0)
else:
    print(f"{{parent}} pid={os.getpid()} child={pid}", flush=True)
    os.wait()
