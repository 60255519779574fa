# fails: values wrong-status
import os
import sys
import time

if os.fork() == 0:
    time.sleep({{work}} + {{alone}})
    os._exit({{code}})
time.sleep({{work}})
