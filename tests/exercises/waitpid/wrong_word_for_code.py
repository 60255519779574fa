# fails: values status-lost
import os
import time

pid = os.fork()
if pid == 0:
    time.sleep({{seconds}})
    os._exit({{code}})
while os.waitpid(pid, os.WNOHANG) == (0, 0):
    print("tick", flush=True)
    time.sleep(0.1)
for _ in range(3):
    print("tick", flush=True)
    time.sleep(0.1)
