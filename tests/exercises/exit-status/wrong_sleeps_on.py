# fails: waited not-waited
import os, time
pid = os.fork()
if pid == 0:
    os._exit({{code}})
time.sleep(0.5)
print({{code}})
