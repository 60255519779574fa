# fails: printed parents-own
import os
import time

pid = os.getpid()
child = os.fork()
if child == 0:
    print(f"{{child}} pid={pid} parent={os.getppid()}", flush=True)
    time.sleep(0.3)
    os._exit(0)
print(f"{{parent}} pid={pid} child={child}", flush=True)
os.wait()
