# fails: kept ran-on
import os
import time

pid = os.fork()
if pid == 0:
    print("child")
time.sleep(0.5)
if pid:
    _, status = os.wait()
    print(os.waitstatus_to_exitcode(status))
print({{code}})
