# fails: processes threads
import os
import sys
import threading
import time

if os.fork() == 0:
    time.sleep(0.15)
    os._exit(0)
tasks = [threading.Thread(target=time.sleep, args=(seconds,)) for seconds in ({{short}}, {{long}})]
for task in tasks:
    task.start()
for task in tasks:
    task.join()
os.wait()
sys.exit({{code}})
