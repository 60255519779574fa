import os
import signal
import subprocess
import time


class Parent:
    def __init__(self, codes):
        self.children = [subprocess.Popen(["sh", "-c", f"exit {code}"]) for code in codes]

    def reap(self, *_):
        for child in self.children:
            print(f"pid={child.pid} status={child.wait()}")


def work(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        print(".")
        time.sleep(0.1)


signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
parent = Parent([{{codes}}])
signal.signal(signal.SIGCHLD, parent.reap)
time.sleep(0.3)
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
work({{work}})
