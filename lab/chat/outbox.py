"""What waits to be written to a client, and the news when a line has reached everybody's kernel buffer."""

import math
import socket
import time
from collections import deque
from collections.abc import Callable

QUEUE_LIMIT = 1 << 20  # bytes that a client who does not read is given
SETTLE_SECONDS = 3.0  # for a reader to make room; after that, nobody's line waits for it
MOST_AT_ONCE = 64  # lines in one sendmsg(2); the kernel takes IOV_MAX, 1024


class Line:
    """One line on its way to its readers, shared by all their outboxes.

    It is settled when each reader has it in its socket's kernel buffer, where it outlives even a SIGKILL of
    the server, or has left, or has not read for SETTLE_SECONDS.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._waiting = 1  # the writer itself, until it has put the line into every outbox
        self._when_settled: list[Callable[[], None]] = []

    @property
    def is_settled(self) -> bool:
        """Tell whether nobody is to be waited for any more."""
        return not self._waiting

    def hold(self) -> None:
        """Count one more who is not done with the line."""
        self._waiting += 1

    def release(self) -> None:
        """Count one who is done; the last one settles the line."""
        self._waiting -= 1
        if self.is_settled:
            calls, self._when_settled = self._when_settled, []
            for call in calls:
                call()

    def when_settled(self, call: Callable[[], None]) -> None:
        """Run `call` once the line is settled, which may be now."""
        if self.is_settled:
            call()
        else:
            self._when_settled.append(call)


NO_LINE = Line(b"")  # before the first: settled for ever
NO_LINE.release()


class QueueFullError(Exception):
    """The client has not read for so long that its queue is full."""


class Outbox:
    """The queue of one client: whole lines, QUEUE_LIMIT bytes at most."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._lines: deque[Line] = deque()
        self._offset = 0  # how much of the first line is written
        self.size = 0  # bytes that wait
        self._is_open = True
        self.settle_by = math.inf  # when `let_go` is due; for ever once it has been done

    def __bool__(self) -> bool:
        """Tell whether something waits."""
        return bool(self._lines)

    def put(self, line: Line) -> bool:
        """Write the line, or queue what the kernel does not take, and tell whether it took all.

        Raises QueueFullError, or OSError: nobody reads.
        """
        if self._lines:
            self._queue(line)
            return False
        return not self._is_open or self.keep(line, self._write(line.data))

    def keep(self, line: Line, written: int) -> bool:
        """Queue the rest of a line of which so many bytes are written while it was clear; tell whether that is all."""
        if written == len(line.data):
            return True
        self._offset = written
        self.size = -written
        self.settle_by = time.monotonic() + SETTLE_SECONDS
        self._queue(line)
        return False

    def _write(self, *pieces: bytes | memoryview) -> int:
        try:
            return self._socket.sendmsg(pieces)
        except BlockingIOError:
            return 0

    def _queue(self, line: Line) -> None:
        if self.size + len(line.data) > QUEUE_LIMIT:
            raise QueueFullError
        if self.settle_by == math.inf:
            line = Line(line.data)
        line.hold()
        self._lines.append(line)
        self.size += len(line.data)

    def flush(self) -> None:
        """Write what the kernel takes without waiting. Raises OSError if nobody reads there any more."""
        self.settle_by = time.monotonic() + SETTLE_SECONDS  # there is room again, so the reader reads
        while self._lines:
            first, *rest = [line.data for line, _ in zip(self._lines, range(MOST_AT_ONCE), strict=False)]
            written = self._write(memoryview(first)[self._offset :], *rest)
            if not written:
                return
            self._advance(written)

    def _advance(self, written: int) -> None:
        done = []
        self._offset += written
        self.size -= written
        while self._lines and self._offset >= len(self._lines[0].data):
            done.append(self._lines.popleft())
            self._offset -= len(done[-1].data)
        for line in done:  # last, since a line that is settled may put another one here
            line.release()

    def let_go(self) -> None:
        """Keep what waits, but have no line unsettled because of it: this reader does not read, or has left."""
        self.settle_by = math.inf
        self._replace(deque(Line(line.data) for line in self._lines))

    def close(self) -> None:
        """Forget what waits, and whatever is put here from now on: its reader is gone."""
        self._is_open = False
        self._offset = self.size = 0
        self._replace(deque())

    def _replace(self, lines: deque[Line]) -> None:
        released, self._lines = self._lines, lines
        for line in released:
            line.release()
