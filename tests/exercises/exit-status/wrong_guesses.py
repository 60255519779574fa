# fails: printed too-early
import os
import time
pid = os.fork()
if pid == 0:
    os._exit({{code}})
print({{code}}, flush=True)
time.sleep(.5)
os.wait()
