# fails: printed not-printed
import os
import time

pid = os.fork()
if pid == 0:
    print(f"{{child}} pid={os.getpid()}\nparent={os.getppid()}", flush=True)
    time.sleep(0.3)
    os._exit(0)
print(f"{{parent}} pid={os.getpid()}\nchild={pid}", flush=True)
os.wait()
