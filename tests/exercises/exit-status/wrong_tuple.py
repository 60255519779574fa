# fails: printed not-printed
import os
import time

if os.fork() == 0:
    os._exit({{code}})
time.sleep(0.5)
pid, status = os.wait()
print((pid, os.waitstatus_to_exitcode(status)))
