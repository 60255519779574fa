"""Files of a container, by the engine: it takes no program of its, and volumes can be written if its root cannot."""

import io
import tarfile

from docker.errors import NotFound
from docker.models.containers import Container

Entry = tuple[tarfile.TarInfo, bytes]


def file(name: str, content: bytes, mode: int = 0o644, group: int = 0) -> Entry:
    """Return a file of root's for `put`."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.gid = len(content), mode, group
    return entry, content


def link(name: str, target: str) -> Entry:
    """Return a symbolic link for `put`."""
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    return entry, b""


def put(container: Container, folder: str, *entries: Entry) -> None:
    """Put files into a folder of a container, in the place of those that are called so."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for entry, content in entries:
            tar.addfile(entry, io.BytesIO(content))
    container.put_archive(folder, archive.getvalue())


def read(container: Container, path: str) -> bytes | None:
    """Return what is in a file of a container; None if there is none."""
    try:
        pieces, _ = container.get_archive(path)
    except NotFound:
        return None
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as tar:
        found = tar.extractfile(tar.next() or path)
        return found.read() if found else None
