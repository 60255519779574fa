# fails: values wrong-alone
import os
import sys
import time

if os.fork() == 0:
    time.sleep({{work}} + {{alone}})
time.sleep({{work}})
sys.exit({{code}})
