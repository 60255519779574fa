"""A way from a browser to the pages that can be lost, as when a laptop leaves one network for another.

What was open stays open, and nothing comes through it ever again: neither side is told.
"""

import socket
import threading
from contextlib import suppress


class Network:
    """A relay to a port of this machine."""

    def __init__(self, port: int) -> None:
        self._there = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lost = threading.Event()  # new connections find nothing either
        self._age = 0  # how often it was lost
        self._open: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def lose(self) -> None:
        """Let nothing through any more."""
        self._lost.set()
        self._age += 1

    def find(self) -> None:
        """Let new connections through."""
        self._lost.clear()

    def close(self) -> None:
        """End it, and whatever hangs in it."""
        for each in (self._listener, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                self._open.append(here)
                if not self._lost.is_set():
                    there = socket.create_connection(("127.0.0.1", self._there))
                    self._open.append(there)
                    for pair in (here, there), (there, here):
                        threading.Thread(target=self._carry, args=(*pair, self._age), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, age: int) -> None:
        with suppress(OSError):
            while (data := source.recv(65536)) and age == self._age:
                target.sendall(data)
            if age == self._age:
                target.shutdown(socket.SHUT_WR)
