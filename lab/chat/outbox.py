"""What waits to be written to a client, and the news when a line has reached everybody's kernel buffer."""

import socket
from collections import deque
from collections.abc import Callable

QUEUE_LIMIT = 1 << 20  # bytes that a client who does not read is given
MOST_AT_ONCE = 64  # lines in one sendmsg(2); the kernel takes IOV_MAX, 1024


class Line:
    """One line on its way to its readers, shared by all their outboxes.

    It is settled when each reader has it in its socket's kernel buffer, where it outlives even a SIGKILL of
    the server, or has been disconnected.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._waiting = 1  # the writer itself, until it has put the line into every outbox
        self._when_settled: list[Callable[[], None]] = []

    def hold(self) -> None:
        """Count one more who is not done with the line."""
        self._waiting += 1

    def release(self) -> None:
        """Count one who is done; the last one settles the line."""
        self._waiting -= 1
        if not self._waiting:
            for call in self._when_settled:
                call()

    def when_settled(self, call: Callable[[], None]) -> None:
        """Run `call` once the line is settled, which may be now."""
        if self._waiting:
            self._when_settled.append(call)
        else:
            call()


class QueueFullError(Exception):
    """The client has not read for so long that its queue is full."""


class Outbox:
    """The queue of one client: whole lines, QUEUE_LIMIT bytes at most."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._lines: deque[Line] = deque()
        self._offset = 0  # how much of the first line is written
        self._size = 0

    def __bool__(self) -> bool:
        """Tell whether something waits."""
        return bool(self._lines)

    def put(self, line: Line) -> None:
        """Write the line, or queue what the kernel does not take. Raises QueueFullError, or OSError: the peer is gone."""
        if self._size + len(line.data) > QUEUE_LIMIT:
            raise QueueFullError
        line.hold()
        self._lines.append(line)
        self._size += len(line.data)
        if len(self._lines) == 1:
            self.flush()

    def flush(self) -> None:
        """Write what the kernel takes without waiting. Raises OSError if the peer is gone."""
        while self._lines:
            first, *rest = [line.data for line, _ in zip(self._lines, range(MOST_AT_ONCE), strict=False)]
            try:
                written = self._socket.sendmsg([memoryview(first)[self._offset :], *rest])
            except BlockingIOError:
                return
            self._size -= written
            self._advance(written)

    def _advance(self, written: int) -> None:
        done = []
        self._offset += written
        while self._lines and self._offset >= len(self._lines[0].data):
            done.append(self._lines.popleft())
            self._offset -= len(done[-1].data)
        for line in done:  # last, since a line that is settled may put another one here
            line.release()

    def clear(self) -> None:
        """Forget what waits: its reader is gone."""
        lines, self._lines = self._lines, deque()
        self._offset = self._size = 0
        for line in lines:
            line.release()
