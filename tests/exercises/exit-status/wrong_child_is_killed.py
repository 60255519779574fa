# fails: kept child-killed
import os, time
pid = os.fork()
if pid == 0:
    time.sleep(5)
    os._exit({{code}})
os.kill(pid, 9)
time.sleep(.5)
_, st = os.wait()
print({{code}})
