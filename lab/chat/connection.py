"""One end of a connection to the room, as the client and the administrator's tool hold it."""

import socket
import stat
from collections import deque
from contextlib import suppress
from pathlib import Path

from lab.chat.listener import PathError, check_length
from lab.chat.protocol import Fault, LineParser, encode
from lab.language import tr

MAX_SERVER_LINE = 1 << 20  # bytes; `* online:` names everybody
READ_BYTES = 1 << 16


def connect(path: Path) -> socket.socket:
    """Return a socket connected to the server at the path. Raises PathError if there is none."""
    check_length(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.connect(str(path))
    except OSError as error:
        sock.close()
        raise PathError(_explain(error, path)) from error
    return sock


def _explain(error: OSError, path: Path) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return tr("there is no socket {path}: is the server running, and is that its path?", path=path)
    if isinstance(error, PermissionError):
        return tr("you may not use {path}: {strerror}", path=path, strerror=error.strerror)
    if isinstance(error, ConnectionRefusedError) and not stat.S_ISSOCK(path.stat().st_mode):
        return tr("{path} is no socket; name the server's", path=path)
    if isinstance(error, ConnectionRefusedError):
        return tr("nobody listens on {path}: its server is gone; start it again", path=path)
    return f"{path}: {error.strerror}"


class Connection:
    """A connected socket, read line by line."""

    def __init__(self, path: Path) -> None:
        """Connect. Raises PathError."""
        self.socket = connect(path)
        self._parser = LineParser(MAX_SERVER_LINE)
        self.received: deque[str] = deque()  # lines that nobody has looked at yet

    def receive(self) -> bool:
        """Wait for bytes and take in their lines; False once the other end is gone."""
        try:
            data = self.socket.recv(READ_BYTES)
        except ConnectionResetError:
            return False
        lines = self._parser.feed(data)
        self.received.extend(line.reason if isinstance(line, Fault) else line for line in lines)
        return bool(data)

    def next_line(self) -> str | None:
        """Return the next line, waiting for it; None once the other end is gone."""
        while not self.received:
            if not self.receive():
                return None
        return self.received.popleft()

    def send(self, line: str) -> None:
        """Send a line; if the other end is gone, reading says so."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(encode(line))

    def close(self) -> None:
        """Let go of the connection, in this process."""
        self.socket.close()

    def end_writing(self) -> None:
        """Tell the other end that nothing more comes; it may still answer."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
