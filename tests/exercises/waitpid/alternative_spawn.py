"""Beside its child, multiprocessing starts a helper. The work is a computation, not a sleep."""

import multiprocessing
import sys
import time


def child():
    time.sleep({{seconds}})
    sys.exit({{code}})


def work():
    print("tick", flush=True)
    end = time.monotonic() + 0.1
    while time.monotonic() < end:
        sum(range(1000))


if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=child)
    process.start()
    while process.is_alive():
        work()
    for _ in range(3):
        work()
    sys.exit(process.exitcode)
