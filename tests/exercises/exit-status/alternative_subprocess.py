import subprocess
import time


class Child:
    def __init__(self, code):
        self.process = subprocess.Popen(["sh", "-c", f"exit {code}"])

    def status(self):
        return self.process.wait()


child = Child({{code}})
time.sleep(0.5)
print(child.status())
