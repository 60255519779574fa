import multiprocessing
import os
import sys
import time


def middle():
    if os.fork():
        os._exit(0)
    time.sleep({{long}})


if __name__ == "__main__":
    process = multiprocessing.Process(target=middle)
    process.start()
    process.join()
    time.sleep({{short}})
    sys.exit({{code}})
