# fails: processes too-many
import os
import sys
import time
os.fork()
pid = os.fork()
if pid == 0:
    time.sleep({{short}})
    os._exit(0)
time.sleep({{long}})
os.wait()
sys.exit({{code}})
