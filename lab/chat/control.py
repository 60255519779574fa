"""The administrator's socket, on the server's side: one request a connection, then the answer.

Whoever can open the socket (mode 0600, away from the shared volume) is the administrator.
"""

import selectors
import socket
from collections import deque
from contextlib import suppress
from functools import partial

from lab.chat.listener import Listener
from lab.chat.protocol import ERROR, Fault, LineParser, clean, encode, normal_name
from lab.chat.room import Room
from lab.language import tr

READ_BYTES = 1 << 16
MOST_OPEN = 8  # connections; one more takes the place of the oldest


class Control:
    """Answers `say TEXT`, `who` and `kick NAME`."""

    def __init__(self, listener: Listener, selector: selectors.BaseSelector, room: Room) -> None:
        self._listener = listener
        self._selector = selector
        self._room = room
        self._open: deque[socket.socket] = deque()
        selector.register(listener.socket, selectors.EVENT_READ, self.accept)

    def accept(self) -> bool:
        """Take in the next connection; False if there is none."""
        try:
            sock, _ = self._listener.socket.accept()
        except OSError:
            return False
        sock.setblocking(False)
        self._open.append(sock)
        self._selector.register(sock, selectors.EVENT_READ, partial(self._read, sock, LineParser()))
        if len(self._open) > MOST_OPEN:
            self._close(self._open[0])
        return True

    def _close(self, sock: socket.socket) -> None:
        self._open.remove(sock)
        self._selector.unregister(sock)
        sock.close()

    def _read(self, sock: socket.socket, parser: LineParser) -> None:
        if sock not in self._open:  # it made room for another in this very round
            return
        try:
            data = sock.recv(READ_BYTES)
        except OSError:
            data = b""
        request = next(parser.feed(data) if data else parser.finish(), None)
        if request is not None:
            with suppress(OSError):  # the administrator did not wait for the answer
                sock.send(encode(self._answer(request)))
        if request is not None or not data:
            self._close(sock)

    def _answer(self, request: str | Fault) -> str:
        if isinstance(request, Fault):
            return ERROR + request.reason
        verb, _, rest = clean(request).partition(" ")
        if verb == "say" and rest.strip():
            number = self._room.say(rest)
            return tr("* said to {number} online", number=number)
        if verb == "who" and not rest:
            return self._room.who()
        if verb == "kick" and rest:
            return self._kick(normal_name(rest))
        return ERROR + tr("the requests are: say TEXT, who, kick NAME")

    def _kick(self, name: str) -> str:
        if self._room.kick(name):
            return tr("* {name} was removed", name=name)
        return ERROR + tr("nobody is online as {name}; see who", name=name)
