# fails: kept several-children
import os, sys, time
for i in range(2):
    if os.fork() == 0:
        os._exit({{code}})
time.sleep(.5)
_, st = os.wait()
_, st = os.wait()
print(st >> 8)
