# fails: zombie no-child
import os
import time

print(f"{os.getpid()} Z")
time.sleep({{seconds}} + 0.3)
