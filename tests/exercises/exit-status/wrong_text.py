# fails: values wrong-status
import os
import sys
import time
pid = os.fork()
if pid == 0:
    sys.exit("{{code}}")
time.sleep(.5)
_, st = os.wait()
print(os.waitstatus_to_exitcode(st))
