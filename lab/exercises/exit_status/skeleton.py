import os
import time

pid = os.fork()
if pid == 0:
    os._exit(0)  # the child: is this what it should leave?

time.sleep(0.5)
_, status = os.wait()
print(status)
