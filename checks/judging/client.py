"""A client of a student's server: a connection to a socket file, with a deadline for everything."""

import contextlib
import socket
import time
from pathlib import Path

from checks.judging.reach import within_reach
from checks.judging.seat import Running

START = 8.0  # seconds in which a server must listen: a deadline for one that never does
ANSWER = 2.0
LONGEST = 65536  # bytes of a line
NAP = 0.01


class Client:
    """One connection; lines of UTF-8, whatever the server makes of them."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.rest = b""

    def say(self, text: str) -> None:
        """Send a line; a server that has gone hears nothing."""
        with contextlib.suppress(OSError):
            self.end.sendall(f"{text}\n".encode())

    def hear(self, within: float = ANSWER) -> str | None:
        """Return the next line; what came without the end of a line, when no more comes; None for nothing at all."""
        deadline = time.monotonic() + within
        while b"\n" not in self.rest and len(self.rest) < LONGEST and (left := deadline - time.monotonic()) > 0:
            self.end.settimeout(left)
            try:
                data = self.end.recv(65536)
            except OSError:
                break
            if not data:
                break
            self.rest += data
        line, _, self.rest = self.rest.partition(b"\n")
        return line.decode("utf-8", "backslashreplace")[:500] if line else None

    def close(self) -> None:
        """Leave."""
        self.end.close()


def connect(path: Path, server: Running | None, within: float = START) -> Client | None:
    """Connect as soon as the server listens; None if it has ended, or does not listen in so many seconds."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if server and server.pid is None:  # on a busy machine it may not even have been started
            deadline = time.monotonic() + within
        end = socket.socket(socket.AF_UNIX)
        end.settimeout(ANSWER)
        try:
            with within_reach(path) as near:
                end.connect(near)
        except OSError:
            end.close()
        else:
            return Client(end)
        if server and server.ended:
            return None
        time.sleep(NAP)
    return None
