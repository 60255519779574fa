import os
import time

a = {{before}}

# Here one process becomes two: fork. | 在这里，一个进程变成两个：fork。

print(f"pid={os.getpid()} a={a}", flush=True)
time.sleep(0.3)
