# fails: at-once not-waited
import os
import sys
import time
for seconds in ({{short}}, {{long}}):
    pid = os.fork()
    if pid == 0:
        time.sleep(seconds)
        os._exit(0)
os.waitpid(pid, 0)
os._exit({{code}})
