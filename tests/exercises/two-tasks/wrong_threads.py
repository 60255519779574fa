# fails: processes threads
import sys
import threading
import time

tasks = [threading.Thread(target=time.sleep, args=(seconds,)) for seconds in ({{short}}, {{long}})]
for task in tasks:
    task.start()
for task in tasks:
    task.join()
sys.exit({{code}})
