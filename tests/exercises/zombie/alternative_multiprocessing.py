import multiprocessing
import sys
import time

if __name__ == "__main__":
    child = multiprocessing.get_context("fork").Process(target=sys.exit, args=({{code}},))
    child.start()
    time.sleep({{seconds}})
    child.join()
    print("reaped", child.exitcode)
    time.sleep(0.3)
