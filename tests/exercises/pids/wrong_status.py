# fails: ran crashed
import os
import time

pid = os.fork()
if pid == 0:
    print(f"{{child}} pid={os.getpid()} parent={os.getppid()}", flush=True)
    time.sleep(0.3)
    os._exit(0)
else:
    print(f"{{parent}} pid={os.getpid()} child={pid}", flush=True)
    os.wait()
    raise SystemExit(1)
