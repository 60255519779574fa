# fails: orphan parent-waits
import multiprocessing
import sys
import time

if __name__ == "__main__":
    multiprocessing.Process(target=time.sleep, args=({{work}} + {{alone}},)).start()
    time.sleep({{work}})
    sys.exit({{code}})
