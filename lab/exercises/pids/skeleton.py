import os
import time

pid = os.fork()
if pid == 0:
    print(f"{{child}} pid=? parent=?", flush=True)
    time.sleep(0.3)
    os._exit(0)
else:
    print(f"{{parent}} pid=? child=?", flush=True)
    os.wait()
