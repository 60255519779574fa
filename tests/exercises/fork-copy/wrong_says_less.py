# fails: printed not-two-lines
import os
import time

a = {{before}}
if os.fork() == 0:
    a = {{after}}
    print(a)
    time.sleep(0.3)
    os._exit(0)
os.wait()
print(a)
