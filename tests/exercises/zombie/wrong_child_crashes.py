# fails: ends child-crashed
import os
import time

pid = os.fork()
if pid == 0:
    os._exit("{{code}}")
time.sleep({{seconds}})
os.waitpid(pid, 0)
time.sleep(0.3)
