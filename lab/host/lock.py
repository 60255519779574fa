"""A lock that is a folder's, flock(2): there is no file to remove, and a process that was killed holds none."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(folder: Path, if_taken: Callable[[], None], *, shared: bool = False) -> Iterator[None]:
    """Hold the folder's lock, alone or with others who share it; `if_taken` raises, or says that we wait."""
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if_taken()
            fcntl.flock(descriptor, kind)
        yield
    finally:
        os.close(descriptor)
