# fails: at-once one-by-one
import multiprocessing
import sys
import time

if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=time.sleep, args=({{short}},))
    process.start()
    process.join()
    time.sleep({{long}})
    sys.exit({{code}})
