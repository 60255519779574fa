# fails: waited sleeps-otherwise
import os, time
pid = os.fork()
if pid == 0:
    os._exit({{code}})
time.sleep(1)
_, st = os.wait()
print(os.waitstatus_to_exitcode(st))
