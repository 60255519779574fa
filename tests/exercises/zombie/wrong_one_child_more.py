# fails: zombie children
import os
import time

if os.fork() == 0:
    os._exit({{code}})
other = os.fork()
if other == 0:
    time.sleep(0.1)
    os._exit(0)
os.waitpid(other, 0)
time.sleep({{seconds}} - 0.1)
os.wait()
time.sleep(0.3)
