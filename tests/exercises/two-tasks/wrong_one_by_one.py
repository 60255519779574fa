# fails: processes one-process
import sys
import time

time.sleep({{short}})
time.sleep({{long}})
sys.exit({{code}})
