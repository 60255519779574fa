"""Asks ten times a second, and with the traceback of an error that it has expected."""

import logging
import os
import time

for number, seconds in enumerate([{{seconds}}], 3):
    if os.fork() == 0:
        time.sleep(seconds)
        os._exit(number)
while True:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        logging.exception("all reaped")
        break
    time.sleep(0.1)
