"""The first thread waits for the child, another one works."""

import os
import sys
import threading
import time


class Work(threading.Thread):
    def __init__(self):
        super().__init__()
        self.is_last = threading.Event()

    def run(self):
        left = 3
        while left:
            print("tick")
            time.sleep(0.1)
            left -= self.is_last.is_set()


pid = os.fork()
if pid == 0:
    time.sleep({{seconds}})
    os._exit({{code}})
work = Work()
work.start()
_, status = os.waitpid(pid, 0)
work.is_last.set()
work.join()
sys.exit(os.waitstatus_to_exitcode(status))
