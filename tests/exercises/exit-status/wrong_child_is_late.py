# fails: waited ran-on
import os, time
pid = os.fork()
if pid == 0:
    time.sleep(1)
    os._exit({{code}})
time.sleep(1.5)
_, st = os.wait()
print(os.waitstatus_to_exitcode(st))
