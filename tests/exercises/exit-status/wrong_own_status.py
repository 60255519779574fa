# fails: ran crashed
import os, sys, time
pid = os.fork()
if pid == 0:
    os._exit({{code}})
time.sleep(.5)
_, st = os.wait()
print(st >> 8)
sys.exit(st >> 8)
