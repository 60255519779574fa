import multiprocessing
import sys
import time


def leave():
    sys.exit({{code}})


def main():
    child = multiprocessing.Process(target=leave)
    child.start()
    time.sleep(0.6)
    child.join()
    sys.stdout.write("exit status: %d\n" % child.exitcode)


if __name__ == "__main__":
    main()
