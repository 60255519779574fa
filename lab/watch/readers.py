"""Who reads the frames: each gets what is new to them, as fast as they read, and is shown out when they do not."""

import json
import selectors
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from lab.watch.seat import Seat

MOST_READERS = 64
STALL_SECONDS = 5.0  # without a byte read
SILENCE_SECONDS = 1.0  # after which a frame without news is sent
LINE_LIMIT = 65536  # bytes of what a reader says, and of what is kept of it
MOST_LOOKED_AT = 1000


class Reader:
    """One connection: what it was sent last of each seat, and which seats it looks at.

    While there is something left of its last frame it gets no other, so its queue is one frame; the next one has all
    that was new meanwhile.
    """

    def __init__(self, connection: socket.socket, now: float) -> None:
        connection.setblocking(False)
        self.socket = connection
        self.looked_at: frozenset[str] = frozenset()
        self._sent: dict[str, int] = {}
        self._left = b""
        self._said = b""
        self._last_frame = -SILENCE_SECONDS
        self._last_progress = now

    @property
    def is_behind(self) -> bool:
        """Whether there is something left to be sent."""
        return bool(self._left)

    def show(self, seats: Mapping[str, Seat], now: float) -> None:
        """Send what is new, now that a sample was taken. Raises OSError if the reader is gone, or does not read."""
        if self.is_behind:
            if now > self._last_progress + STALL_SECONDS:
                raise TimeoutError
            return
        new = {login: seat for login, seat in seats.items() if self._sent.get(login) != seat.version}
        if new or now >= self._last_frame + SILENCE_SECONDS:
            self._sent |= {login: seat.version for login, seat in new.items()}
            self._last_frame = self._last_progress = now
            self._left = frame(new, now)
            self.flush(now)

    def flush(self, now: float) -> None:
        """Send what is left, as far as it goes at once. Raises OSError if the reader is gone."""
        try:
            count = self.socket.send(self._left)
        except BlockingIOError:
            return
        self._left = self._left[count:]
        self._last_progress = now

    def hear(self) -> None:
        """Take what the reader says. Raises OSError if it is gone, ValueError if that is nothing that one may say."""
        try:
            data = self.socket.recv(LINE_LIMIT)
        except BlockingIOError:
            return
        if not data:
            raise ConnectionResetError
        *lines, self._said = (self._said + data).split(b"\n")
        if len(self._said) > LINE_LIMIT:
            raise ValueError("a line that is too long")
        for line in lines:
            self.looked_at = looked_at(line)


def frame(seats: Mapping[str, Seat], now: float) -> bytes:
    """Return a frame of these seats: the module's docstring of lab.watch says what is in it."""
    values = b", ".join(b"%s: %s" % (json.dumps(login).encode(), seat.value()) for login, seat in seats.items())
    return b'{"time": %.3f, "seats": {%s}}\n' % (now, values)


def looked_at(line: bytes) -> frozenset[str]:
    """Return the seats that a reader's line names. Raises ValueError for any other line."""
    try:
        said = json.loads(line)
    except RecursionError as error:
        raise ValueError("no line of a reader's") from error
    names = said.get("look") if isinstance(said, dict) else None
    if not isinstance(names, list) or len(names) > MOST_LOOKED_AT or not all(isinstance(name, str) for name in names):
        raise ValueError("no line of a reader's")
    return frozenset(names)


class Readers:
    """All of them, by their descriptors in the loop's selector."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        self._all: dict[int, Reader] = {}

    def looked_at(self) -> set[str]:
        """Return the seats that somebody looks at."""
        return set().union(*(reader.looked_at for reader in self._all.values()))

    def accept(self, listener: socket.socket, seats: Mapping[str, Seat], now: float) -> None:
        """Take in who has connected, and show them all; who is one too many is shown out."""
        try:
            connection, _ = listener.accept()
        except OSError:  # they have gone again, or there is no descriptor for them: the next look sees
            return
        if len(self._all) >= MOST_READERS:
            connection.close()
            return
        reader = self._all[connection.fileno()] = Reader(connection, now)
        self._selector.register(connection, selectors.EVENT_READ)
        with self._or_out(reader):
            reader.show(seats, now)

    def show(self, seats: Mapping[str, Seat], now: float) -> None:
        """Send everybody what is new to them."""
        for reader in list(self._all.values()):
            with self._or_out(reader):
                reader.show(seats, now)

    def attend(self, descriptor: int, events: int, now: float) -> None:
        """Hear a reader, or go on sending."""
        reader = self._all[descriptor]
        with self._or_out(reader):
            if events & selectors.EVENT_READ:
                reader.hear()
            if events & selectors.EVENT_WRITE:
                reader.flush(now)

    @contextmanager
    def _or_out(self, reader: Reader) -> Iterator[None]:
        """Wait for room in what is sent to a reader, if it has none; show out who is gone or says what nobody may."""
        descriptor = reader.socket.fileno()
        try:
            yield
        except (OSError, ValueError):
            self._selector.unregister(descriptor)
            del self._all[descriptor]
            reader.socket.close()
        else:
            write = selectors.EVENT_WRITE if reader.is_behind else 0
            self._selector.modify(descriptor, selectors.EVENT_READ | write)
