# fails: orphan child-crashed
import os
import sys
import time

if os.fork() == 0:
    tiem.sleep({{work}} + {{alone}})
    os._exit(0)
time.sleep({{work}})
sys.exit({{code}})
