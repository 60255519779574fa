# fails: printed not-printed
import logging
import os
import time

logging.basicConfig(format="%(message)s")
pid = os.fork()
if pid == 0:
    logging.warning("{{child}} pid=%d parent=%d", os.getpid(), os.getppid())
    time.sleep(0.3)
    os._exit(0)
logging.warning("{{parent}} pid=%d child=%d", os.getpid(), pid)
os.wait()
