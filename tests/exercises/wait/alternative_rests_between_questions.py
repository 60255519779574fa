"""Asks ten times a second, and tells of an error that it has expected; its children end with 1, 2 and more."""

import logging
import os
import time

for number, seconds in enumerate([{{seconds}}], 1):
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
