# fails: orphan several
import os
import sys
import time

os.fork()
if os.fork() == 0:
    time.sleep({{work}} + {{alone}})
    os._exit(0)
time.sleep({{work}})
sys.exit({{code}})
