# fails: kept child-crashed
import os, time
pid = os.fork()
if pid == 0:
    os.exit({{code}})
time.sleep(.5)
_, st = os.wait()
print(os.waitstatus_to_exitcode(st))
