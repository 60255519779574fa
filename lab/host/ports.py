"""TCP ports of this machine."""

import socket
import time
from collections.abc import Callable

LOOPBACK = "127.0.0.1"
LOOK = 0.02  # seconds between two looks


def claim(address: str, port: int) -> int:
    """Return a port that nobody listens on: this one, with 0 any. Raises OSError."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((address, port))
        found: int = probe.getsockname()[1]
        return found


def await_open(address: str, port: int, seconds: float, is_over: Callable[[], bool] = lambda: False) -> None:
    """Wait until somebody listens there. Raises OSError after so many seconds, or when it is over before."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((address, port), seconds).close()
        except OSError:
            if is_over() or time.monotonic() > deadline:
                raise
            time.sleep(LOOK)
        else:
            return
