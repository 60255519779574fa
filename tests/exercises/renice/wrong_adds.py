# fails: values added
import os
import time


def compute(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


os.nice({{first}})
compute(0.6)
os.nice({{second}})
compute(0.6)
