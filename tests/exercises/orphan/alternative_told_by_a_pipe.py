import os
import sys
import time


def child(parents_end):
    os.read(parents_end, 1)  # ends when the parent does
    time.sleep({{alone}})


def main():
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.close(writing)
        child(reading)
        return 0
    time.sleep({{work}})
    return {{code}}


if __name__ == "__main__":
    sys.exit(main())
