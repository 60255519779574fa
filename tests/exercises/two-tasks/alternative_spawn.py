import multiprocessing
import sys
import time

if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    child = multiprocessing.Process(target=time.sleep, args=({{short}},))
    child.start()
    time.sleep({{long}})
    child.join()
    sys.exit({{code}})
