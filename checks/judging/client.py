"""Connecting to a student's server, with a deadline; and whether anybody listens on a socket file."""

import contextlib
import socket
import struct
import time
from pathlib import Path

from checks.judging.reach import within_reach
from checks.judging.seat import Running

START = 8.0  # seconds in which a server must listen: a deadline for one that never does
NAP = 0.01
CREDENTIALS = struct.Struct("3i")  # struct ucred: pid, uid, gid


def connect(path: Path, server: Running | None, within: float = START) -> socket.socket:
    """Connect as soon as the server listens. Raises OSError, why it was refused, if it has ended or never does."""
    deadline = time.monotonic() + within
    while True:
        if server and server.pid is None:  # on a busy machine it may not even have been started
            deadline = time.monotonic() + within
        was_over = server is not None and server.ended
        try:
            return connected(path)
        except OSError:
            if was_over or time.monotonic() >= deadline:
                raise
        time.sleep(NAP)


def connected(path: Path) -> socket.socket:
    """Return a connection to who listens at this moment. Raises OSError, EAGAIN where many wait to be accepted."""
    end = socket.socket(socket.AF_UNIX)
    end.setblocking(False)
    try:
        with within_reach(path) as near:
            end.connect(near)
    except OSError:
        end.close()
        raise
    return end


def listener(end: socket.socket) -> int:
    """Return the pid of who listens at the other end, unix(7): SO_PEERCRED; 0 for one in another container."""
    return int(CREDENTIALS.unpack(end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size))[0])


def occupant(path: Path) -> int | None:
    """Return the pid of who listens on a socket file, 0 if that is hidden; None if nobody does."""
    try:
        with contextlib.closing(connected(path)) as end:
            return listener(end)
    except BlockingIOError:  # it never accepts, or is stopped, and listens all the same
        return 0
    except OSError:
        return None
