import os
import time

pid = os.fork()
if pid == 0:
    os._exit(0)  # the child: with which status? | 子进程：以什么状态？
else:
    os.waitpid(pid, 0)  # the parent: when should it ask? | 父进程：什么时候去问？
    time.sleep(0.3)
