# fails: kept not-kept
import os, time
pid = os.fork()
if pid == 0:
    os._exit({{code}})
_, st = os.wait()
time.sleep(.5)
print(os.waitstatus_to_exitcode(st))
