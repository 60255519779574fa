# fails: children in-turn
import os
import time

for seconds in [{{seconds}}]:
    if os.fork() == 0:
        time.sleep(seconds)
        os._exit(0)
    os.wait()
