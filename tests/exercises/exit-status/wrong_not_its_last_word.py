# fails: printed not-printed
import os, sys, time
if os.fork() == 0:
    os._exit({{code}})
time.sleep(.5)
_, st = os.wait()
print(st >> 8)
print("the end")
