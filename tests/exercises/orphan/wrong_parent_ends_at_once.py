# fails: values wrong-work
import os
import sys
import time

if os.fork() == 0:
    time.sleep({{work}} + {{alone}})
    os._exit(0)
sys.exit({{code}})
