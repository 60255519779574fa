"""The passwd and group files of a class, which every container of it has: a UID reads as a login everywhere."""

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from lab.host.command import GENERATED
from lab.host.enrolment.roster import DEFAULT, SYSTEM, Seat

FOLDER = GENERATED / "etc"
FILES = ("passwd", "group")


def write(seats: Iterable[Seat]) -> None:
    """Write both files, so that running containers see them."""
    seats = list(seats)
    _write_in_place(FOLDER / "passwd", _system("passwd") + [passwd_line(seat) for seat in seats])
    _write_in_place(FOLDER / "group", _system("group") + [f"{seat.login}:*:{seat.uid}:" for seat in seats])


def passwd_line(seat: Seat) -> str:
    """Return the line of passwd(5). `*`: no password, and not locked either, which an `!` would be to sshd."""
    name = seat.name.translate({ord(":"): " ", ord(","): " "})
    return f"{seat.login}:*:{seat.uid}:{seat.uid}:{name}:/home/{seat.login}:/bin/bash"


def _system(name: str) -> list[str]:
    """Return the lines that the images have themselves, without their three seats."""
    lines = (SYSTEM / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.partition(":")[0] not in {seat.login for seat in DEFAULT}]


def _write_in_place(path: Path, lines: Iterable[str]) -> None:
    """Write the file at once and without a new inode: a file that is mounted into a container is the inode.

    Raises OSError; a file that could not be written to its end keeps what was there behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    data = "".join(f"{line}\n" for line in lines).encode()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        if os.pwrite(descriptor, data, 0) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        os.ftruncate(descriptor, len(data))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
