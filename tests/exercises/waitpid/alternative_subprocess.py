import subprocess
import sys
import time


class Worker:
    def __init__(self):
        self.child = subprocess.Popen(["sh", "-c", "sleep {{seconds}}; exit {{code}}"])

    def work(self):
        print("." * 20_000)
        time.sleep(0.1)


worker = Worker()
while worker.child.poll() is None:
    worker.work()
for _ in range(3):
    worker.work()
sys.exit(worker.child.returncode)
