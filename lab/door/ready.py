"""Which doors are still shut: the gate tries each, as its student, until somebody listens behind all or time is over.

    python3 -Im lab.door.ready SECONDS UID…

It prints the UIDs of those that are shut, and ends with 0 if there are none, else with 1. A health check in each seat
would be another process in each: 80 ms of a CPU, beside the 200 that a container takes to start.
"""

import os
import socket
import sys
import time
from collections.abc import Sequence

from lab.door.door import path_of

INTERVAL = 0.05  # seconds


def main(words: Sequence[str]) -> int:
    """Try them; return 0 or 1."""
    until = time.monotonic() + float(words[0])
    shut = [uid for uid in map(int, words[1:]) if not is_open(uid)]
    while shut and time.monotonic() < until:
        time.sleep(INTERVAL)
        shut = [uid for uid in shut if not is_open(uid)]
    print(*shut)
    return 1 if shut else 0


def is_open(uid: int) -> bool:
    """Tell whether somebody listens behind a door; where many others wait too, somebody does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as knock:
        knock.setblocking(False)
        os.setegid(uid)
        os.seteuid(uid)  # its folder is the student's alone
        try:
            knock.connect(path_of(uid))
        except BlockingIOError:
            return True
        except OSError:
            return False
        finally:
            os.seteuid(0)
            os.setegid(0)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
