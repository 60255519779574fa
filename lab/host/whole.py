"""Files that are there whole or not at all, and how to tell that they are whole. Standard library alone."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


def public(path: Path) -> IO[bytes]:
    """Begin a file that everybody may read whom this user lets."""
    return path.open("wb")


@contextmanager
def written(path: Path, begin: Callable[[Path], IO[bytes]] = public) -> Iterator[IO[bytes]]:
    """Yield a file, begun under another name, that is forced to the disk and has its own name after the block."""
    part = path.with_name(f"{path.name}.part")
    try:
        with begin(part) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def digest(path: Path) -> str:
    """Return the SHA-256 of what is in a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
