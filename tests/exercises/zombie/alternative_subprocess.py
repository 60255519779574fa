import subprocess
import sys
import time


def main():
    child = subprocess.Popen(["sh", "-c", "exit {{code}}"])
    time.sleep({{seconds}})
    child.wait()
    time.sleep(0.4)
    return 0


if __name__ == "__main__":
    sys.exit(main())
