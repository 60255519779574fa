"""A board for the seats' side to talk to: a real socket, answers as a test wants them, and all that was said."""

import json
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.eventually import eventually

OK = b'{"ok": true}\n'


class Board:
    """It answers each line with `answer`; with None it only reads, and says nothing."""

    def __init__(self, path: Path, answer: bytes | None) -> None:
        self.path = path
        self.answer = answer
        self.lines: list[bytes] = []
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        self.listener.listen()

    def serve(self) -> None:
        """Serve one after the other until the listener is shut."""
        with suppress(OSError):
            while True:
                end, _ = self.listener.accept()
                with end, end.makefile("rb") as lines, suppress(OSError):
                    for line in lines:
                        self.lines.append(line)
                        if self.answer is not None:
                            end.sendall(self.answer)
                        if self.answer == b"":  # it hangs up
                            break

    def said(self, count: int = 1) -> list[dict[str, Any]]:
        """Return the first lines that it was told, as JSON."""
        eventually(lambda: len(self.lines) >= count)
        return [json.loads(line) for line in self.lines]


@contextmanager
def opened(answer: bytes | None = OK) -> Iterator[Board]:
    """Yield a board in a folder of its own, whose path is short enough for a socket's."""
    with tempfile.TemporaryDirectory() as folder:
        board = Board(Path(folder, "board.sock"), answer)
        thread = threading.Thread(target=board.serve)
        thread.start()
        try:
            yield board
        finally:
            board.listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            board.listener.close()
