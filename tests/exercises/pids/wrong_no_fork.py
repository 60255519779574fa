# fails: forked no-child
import os
import time

print(f"{{child}} pid={os.getpid() + 1} parent={os.getpid()}", flush=True)
time.sleep(0.3)
print(f"{{parent}} pid={os.getpid()} child={os.getpid() + 1}", flush=True)
