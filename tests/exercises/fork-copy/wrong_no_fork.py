# fails: forked no-child
import os
import time

a = {{before}}
print(f"pid={os.getpid() + 1} a={{after}}")
time.sleep(0.3)
print(f"pid={os.getpid()} a={a}")
