import os
import sys
import time

pid = os.fork()
if pid == 0:
    time.sleep({{long}})  # the long work | 要很久的工作
    os._exit(0)

time.sleep({{short}})  # the parent's own work | 父进程自己的工作
sys.exit({{code}})
