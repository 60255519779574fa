# fails: orphan no-child
import os
import sys
import time

time.sleep({{work}})
print(f"{os.getpid() + 1} 1", flush=True)
sys.exit({{code}})
