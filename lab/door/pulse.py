"""The pulse of a class: how long each seat's door keeps whoever knocks waiting, once a second.

`make drill` has the gate run it, as root. A process a seat becomes the seat's UID and has `true` run behind the door:
what `ssh SEAT true` costs without the cryptography. It knocks once, and again only when that was answered: a door that
was stopped has one caller to serve then, and not a thousand. Each second it prints a line of JSON:

    {"at": 1790000000.123, "seat": "client1", "state": "ok", "seconds": 0.0061}

at        seconds since 1970
state     ok: it was run; late: no answer yet; full: there was no room for another process (EAGAIN); closed: no door
seconds   since the knock
"""

import errno
import json
import os
import select
import socket
import struct
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from lab.door import parcel
from lab.door.door import path_of

INTERVAL = 1.0  # seconds
SEND_TIMEOUT = struct.pack("ll", int(INTERVAL), 0)  # SO_SNDTIMEO, socket(7), is connect's as well


def main(words: Sequence[str]) -> int:
    """Watch the seats, SEAT:UID:GID each, until standard input ends."""
    for number, word in enumerate(words):
        seat, uid, gid = word.split(":")
        if os.fork() == 0:
            become(int(uid), int(gid))
            watch(seat, path_of(int(uid)), INTERVAL * number / len(words))  # not all in the same moment
    with suppress(ChildProcessError):  # there is no child any more
        while os.wait():
            pass
    return 0


def become(uid: int, gid: int) -> None:
    """Be the student, who alone may open the door."""
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def watch(seat: str, path: str, first: float = 0.0) -> None:
    """Knock once a second, the first time after so many seconds, and say what comes of it. It never returns."""
    due = time.monotonic() + first
    while True:
        wait_for([], max(0.0, due - time.monotonic()))
        began = time.monotonic()
        for state in knock(path):
            seconds = time.monotonic() - began
            line = {"at": round(time.time(), 3), "seat": seat, "state": state, "seconds": round(seconds, 4)}
            os.write(1, json.dumps(line).encode() + b"\n")  # short enough to be written as one, pipe(7)
        due = began + INTERVAL * (1 + seconds // INTERVAL)


def knock(path: str) -> Iterator[str]:
    """Yield "late" each second that there is no answer, and then how it ended."""
    try:
        with caller(path) as door:
            while not wait_for([door.fileno()], INTERVAL):
                yield "late"
            yield meaning(parcel.receive_texts(door))
    except BlockingIOError:  # others wait as well, so many that the kernel keeps no more in the queue
        yield "late"
    except OSError:
        yield "closed"


def caller(path: str) -> socket.socket:
    """Return a connection on which `true` was asked for. Raises OSError, BlockingIOError if the queue stays full."""
    door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    nothing = os.open(os.devnull, os.O_RDWR)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, SEND_TIMEOUT)
        door.connect(path)
        parcel.send(door, {"command": "true"}, [nothing] * 3)
    except OSError:
        door.close()
        raise
    finally:
        os.close(nothing)
    return door


def meaning(answer: Mapping[str, str]) -> str:
    """Return the state that an answer means."""
    if "status" in answer:
        return "ok"
    return "full" if answer.get("errno") == str(errno.EAGAIN) else "closed"


def wait_for(descriptors: Sequence[int], seconds: float) -> bool:
    """Tell whether one of them is readable within that time. Ends this process once standard input does."""
    poll = select.poll()
    for descriptor in (0, *descriptors):
        poll.register(descriptor, select.POLLIN)
    ready = {descriptor for descriptor, _ in poll.poll(1000 * seconds)}
    if 0 in ready:
        os._exit(0)
    return bool(ready)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
