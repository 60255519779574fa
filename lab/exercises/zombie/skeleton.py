import os
import time

pid = os.fork()
if pid == 0:
    os._exit(0)  # the child: with which status?
else:
    os.waitpid(pid, 0)  # the parent: when should it ask?
    time.sleep(0.3)
