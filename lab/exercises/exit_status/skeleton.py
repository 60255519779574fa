import os
import time

pid = os.fork()
if pid == 0:
    os._exit(0)  # the child: is this what it should leave? | 子进程：它该留下的是这个状态吗？

time.sleep(0.5)
_, status = os.wait()
print(status)
