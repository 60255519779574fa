import multiprocessing
import sys
import time


def child():
    time.sleep({{seconds}})
    sys.exit({{code}})


if __name__ == "__main__":
    process = multiprocessing.Process(target=child)
    process.start()
    step = 0
    while process.is_alive():
        step += 1
        print(f"step {step}")
        time.sleep(0.1)
    for more in range(3):
        print(f"step {step + more}")
        time.sleep(0.1)
    sys.exit(process.exitcode)
