"""The transcript: who said what, by the seat that the kernel vouches for. JSON lines, the instructor's alone."""

import errno
import os
import re
import stat
import time
from contextlib import suppress
from pathlib import Path

from lab.chat.listener import PathError
from lab.language import tr

MOST_BYTES = 16 << 20  # then the file becomes `.1`, and the `.1` before it is gone
# What JSON has escaped; and what a terminal would act on, in a name that was refused for it, if it were shown as it is.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
HEAD = b'{"at": "'
# O_NONBLOCK: one who names a FIFO that nobody reads must not stop the server.
FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK


class Transcript:
    """A line an event, in one write(2) each. What cannot be written is counted and told, and stops nobody."""

    def __init__(self, path: Path | None) -> None:
        """Open the file, mode 0600; without a path nothing is written. Raises PathError."""
        self._path = path
        self._lost = 0  # events since the last one that could be written
        if path is None:
            return
        try:
            self._file = _open(path)
            _mend(self._file)
        except OSError as error:
            raise PathError(
                tr(
                    "the transcript {path} cannot be written: {strerror}; name another file",
                    path=path,
                    strerror=error.strerror,
                )
            ) from error

    def note(
        self,
        event: str,
        *,
        seat: str | None = None,
        uid: int | None = None,
        name: str | None = None,
        text: str | None = None,
    ) -> None:
        """Add a line, and before it, if some could not be written, one that counts them."""
        if self._path is None:
            return
        line = _line(event, seat, uid, name, text)
        missing = _line("lost", None, None, None, str(self._lost)) if self._lost else b""
        try:
            self._append(self._path, missing + line)
        except OSError as error:
            if not self._lost:
                complain(tr("the transcript cannot be written: {strerror}; make room for it", strerror=error.strerror))
            self._lost += 1
            return
        if self._lost:
            complain(tr("the transcript is written again; {lost} events are missing in it", lost=self._lost))
        self._lost = 0

    def _append(self, path: Path, data: bytes) -> None:
        """Write all of it or nothing, as far as the file allows that. Raises OSError."""
        size = os.fstat(self._file).st_size
        if size + len(data) > MOST_BYTES:
            self._rotate(path)
            size = 0
        written = os.write(self._file, data)
        if written < len(data):  # the disk filled up in the middle of the line
            os.ftruncate(self._file, size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _rotate(self, path: Path) -> None:
        with suppress(FileNotFoundError):  # the file after it could not be made the last time
            path.replace(f"{path}.1")
        new = _open(path)
        os.close(self._file)
        self._file = new


def _open(path: Path) -> int:
    file = os.open(path, FLAGS, 0o600)
    if stat.S_ISREG(os.fstat(file).st_mode):
        os.fchmod(file, 0o600)
    return file


def _mend(file: int) -> None:
    """Take away the beginning of a line that a server's death, or the machine's, has left without its end."""
    size = os.fstat(file).st_size
    data = os.pread(file, size, 0) if size else b""  # a FIFO has neither
    torn = data[data.rfind(b"\n") + 1 :]
    if torn and (torn.startswith(HEAD) or HEAD.startswith(torn)):
        os.ftruncate(file, size - len(torn))
    elif torn:  # not ours: somebody has named a file of another kind
        os.write(file, b"\n")


def _line(event: str, seat: str | None, uid: int | None, name: str | None, text: str | None) -> bytes:
    now = time.time_ns() // 10**6
    at = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now // 1000))}.{now % 1000:03}Z"
    number = "null" if uid is None else uid
    return (
        f'{{"at": "{at}", "event": "{event}", "seat": {_quoted(seat)}, "uid": {number}, '
        f'"name": {_quoted(name)}, "text": {_quoted(text)}}}\n'
    ).encode(errors="replace")


def _quoted(text: str | None) -> str:
    """Return it as JSON has it. By hand: with the module, a worker cost 45 KB more."""
    if text is None:
        return "null"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return '"' + CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'


def complain(sentence: str) -> None:
    """Say it on standard error, where the server's log is."""
    with suppress(OSError):  # nobody reads what the server says
        os.write(2, f"chat-server: {sentence}\n".encode())
