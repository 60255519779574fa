"""Beside its children, multiprocessing starts two helpers, and then takes its time."""

import multiprocessing
import sys
import time

if __name__ == "__main__":
    forkserver = multiprocessing.get_context("forkserver")
    tasks = [forkserver.Process(target=time.sleep, args=(seconds,)) for seconds in ({{short}}, {{long}})]
    for task in tasks:
        task.start()
    for task in tasks:
        task.join()
    sys.exit({{code}})
