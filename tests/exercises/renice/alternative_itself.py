"""One process alone, which gives way by itself."""

import os
import time


def compute(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


os.nice({{first}})
compute(0.7)
os.nice({{second}} - {{first}})
compute(0.7)
