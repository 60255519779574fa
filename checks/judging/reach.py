"""A socket file by a path that fits into a sockaddr_un, however deep its folder is (unix(7): 108 bytes with the NUL).

A program that binds a relative name is right wherever it stands, and its clients must find it there.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.chat.listener import MAX_PATH
from lab.language import tr

LONGEST_NAME = "multiplex.sock"  # that an exercise asks for


@contextmanager
def within_reach(path: Path) -> Iterator[str]:
    """Yield a path of the file to bind or to connect to, through a descriptor of its folder where it is too long.

    Raises OSError if there is no such folder.
    """
    if len(os.fsencode(path)) <= MAX_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def too_deep(work: Path) -> str | None:
    """Say that a socket's whole path may not fit in the folder of the solutions; None if it does."""
    length = len(os.fsencode(work / LONGEST_NAME))
    if length <= MAX_PATH:
        return None
    return tr(
        "~/work/{longest_name} has a path of {length} bytes here, and a socket's has at most {max_path}: let a "
        "server bind the name alone, or work in a folder that is not so deep",
        longest_name=LONGEST_NAME,
        length=length,
        max_path=MAX_PATH,
    )
