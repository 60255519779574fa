# fails: orphan several
import os
import subprocess
import sys
import time

if os.fork() == 0:
    time.sleep(0.3)
    os._exit(0)
subprocess.Popen(["sleep", str({{work}} + {{alone}})])
time.sleep({{work}})
sys.exit({{code}})
