# fails: reaped ends-too-soon
import os
import time

pid = os.fork()
if pid == 0:
    os._exit({{code}})
time.sleep({{seconds}})
os.waitpid(pid, 0)

