import os
import sys
import time

pid = os.fork()
if pid == 0:
    time.sleep({{alone}})  # the child: is that long enough? | 子进程：这么久够吗？
    os._exit(0)
else:
    time.sleep({{work}})  # the parent's work | 父进程的工作
    os.waitpid(pid, 0)
    sys.exit({{code}})
