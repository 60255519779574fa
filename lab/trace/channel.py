"""Messages between two of our own processes: JSON objects, a line each, over a connected stream socket."""

import contextlib
import json
import socket
from typing import Any

Message = dict[str, Any]


class Channel:
    """One end. `receive` blocks until there is something; `closed` once the other end is."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.rest = b""
        self.closed = False

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        return self.end.fileno()

    def send(self, **message: object) -> None:
        """Send a message; an end that is gone hears nothing, and our `receive` tells, after all that it said."""
        with contextlib.suppress(OSError):
            self.end.sendall(json.dumps(message).encode() + b"\n")

    def receive(self) -> list[Message]:
        """Return the messages that are complete: none, if there was only a part of one, or the end."""
        try:
            data = self.end.recv(65536)
        except ConnectionResetError:  # the other end was killed before it had read all
            data = b""
        self.closed = self.closed or not data
        *lines, self.rest = (self.rest + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def wait(self) -> list[Message]:
        """Return the next messages, at least one; raise EOFError if there is none to come."""
        while not self.closed:
            if messages := self.receive():
                return messages
        raise EOFError

    def close(self) -> None:
        """Close this end."""
        self.end.close()
