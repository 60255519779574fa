import os
import subprocess
import sys
import time

if os.fork() == 0:
    nothing = {stream: subprocess.DEVNULL for stream in ("stdin", "stdout", "stderr")}
    subprocess.Popen(["sleep", "{{long}}"], start_new_session=True, **nothing)
    os._exit(0)
os.wait()
time.sleep({{short}})
sys.exit({{code}})
