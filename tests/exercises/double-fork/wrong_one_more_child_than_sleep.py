# fails: alone several
import os
import subprocess
import sys
import time

if os.fork() == 0:
    time.sleep(0.5)
    os._exit(0)
middle = os.fork()
if middle == 0:
    subprocess.Popen(["sleep", "{{long}}"])
    os._exit(0)
os.waitpid(middle, 0)
time.sleep({{short}})
sys.exit({{code}})
