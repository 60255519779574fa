import multiprocessing
import sys
import time

if __name__ == "__main__":
    tasks = [multiprocessing.Process(target=time.sleep, args=(seconds,)) for seconds in ({{long}}, {{short}})]
    for task in tasks:
        task.start()
    for task in tasks:
        task.join()
    sys.exit({{code}})
