# fails: values ended-badly
import os
import signal
import sys
import time

pid = os.fork()
if pid == 0:
    time.sleep(60)
    os._exit({{code}})
end = time.monotonic() + {{seconds}}
while os.waitpid(pid, os.WNOHANG) == (0, 0):
    print("tick", flush=True)
    time.sleep(0.1)
    if time.monotonic() > end:
        os.kill(pid, signal.SIGKILL)
for _ in range(3):
    print("tick", flush=True)
    time.sleep(0.1)
sys.exit({{code}})
