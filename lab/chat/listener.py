"""The listening socket: made with its mode, never taken from a live server, removed only if it is still ours."""

import errno
import fcntl
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.language import tr

MAX_PATH = 107  # bytes of sun_path less its NUL, unix(7)
BACKLOG = 1024


class PathError(Exception):
    """Why nobody can listen (or connect) there, as a sentence for the user."""


class Listener:
    """A listening AF_UNIX stream socket and the file that stands for it."""

    def __init__(self, path: Path, mode: int) -> None:
        """Bind and listen; a stale file is replaced. Raises PathError."""
        self.path = path
        self._mode = mode
        check_length(path)
        self.socket, self._inode = self._listening()

    @property
    def is_gone(self) -> bool:
        """Tell whether somebody has removed the file, so that nobody can connect any more."""
        return self.socket.fileno() >= 0 and _inode(self.path) is None

    def make_again(self) -> None:
        """Listen on a new socket with a new file, and close the old one. Raises PathError, and all is as it was."""
        old = self.socket
        self.socket, self._inode = self._listening()
        old.close()

    def _listening(self) -> tuple[socket.socket, tuple[int, int] | None]:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.setblocking(False)
        try:
            with _start_lock(self.path):
                _remove_stale(self.path)
                self._bind(sock)
                sock.listen(BACKLOG)  # before the lock opens: a socket that nobody listens on counts as stale
        except OSError as error:
            sock.close()
            raise PathError(_explain(error, self.path)) from error
        except PathError:
            sock.close()
            raise
        return sock, _inode(self.path)

    def _bind(self, sock: socket.socket) -> None:
        before = os.umask(0o777 & ~self._mode)  # the file never exists with another mode
        try:
            sock.bind(str(self.path))
        finally:
            os.umask(before)

    def close(self) -> None:
        """Stop listening and remove the file, unless another one has taken its place."""
        if _inode(self.path) == self._inode:
            self.path.unlink()
        self.socket.close()


def check_length(path: Path) -> None:
    """Raise PathError if the path does not fit into a sockaddr_un."""
    if (length := len(os.fsencode(path))) > MAX_PATH:
        raise PathError(
            tr(
                "a socket's path has at most {max_path} bytes, this one has {length}; choose a shorter one: {path}",
                max_path=MAX_PATH,
                length=length,
                path=path,
            )
        )


def is_live(path: Path) -> bool:
    """Tell whether somebody listens on the socket file; one whose queue is full is alive too."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        return probe.connect_ex(str(path)) not in (errno.ECONNREFUSED, errno.ENOENT)


def _remove_stale(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        kind = tr("a directory") if stat.S_ISDIR(mode) else tr("a file that is no socket")
        raise PathError(
            tr("{path} is {kind}; it was left as it is: name another path, or remove it yourself", path=path, kind=kind)
        )
    if is_live(path):
        raise PathError(tr("a server is live on {path}; stop it first, or name another path", path=path))
    path.unlink(missing_ok=True)


@contextmanager
def _start_lock(path: Path) -> Iterator[None]:
    """Let one server at a time look at the old file and bind: else two could each remove the other's."""
    lock = path.parent / f".{path.name}.lock"
    while True:
        # 0600: a user of the shared folder must not be able to hold the lock.
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _inode(lock) == (os.fstat(descriptor).st_dev, os.fstat(descriptor).st_ino):
                try:
                    yield
                finally:
                    lock.unlink()
                return
        finally:
            os.close(descriptor)


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _explain(error: OSError, path: Path) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return tr("there is no folder {parent}; make it first", parent=path.parent)
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return tr(
            "no socket can be made in {parent}: {strerror}; name a folder that you may write to",
            parent=path.parent,
            strerror=error.strerror,
        )
    return f"{path}: {error.strerror}"
