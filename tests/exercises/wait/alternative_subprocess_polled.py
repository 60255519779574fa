import subprocess
import time


class Workers:
    def __init__(self, times):
        self.running = [subprocess.Popen(["sleep", str(seconds)]) for seconds in times]

    def reap(self):
        self.running = [worker for worker in self.running if worker.poll() is None]


workers = Workers([{{seconds}}])
while workers.running:
    workers.reap()
    time.sleep(0.02)
