# fails: waited crashed
import os
import time

if os.fork() == 0:
    pid = os.fork()
    if pid == 0:
        os._exit({{code}})
    time.sleep(0.5)
    _, status = os.waitpid(pid, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
    os._exit(3)
os.wait()
