"""Keep ssh alive for each room, as long as a file says so: python3 -m lab.host.hosts.forwarding FOLDER.

It follows that file: what is in it no more is ended, what is new or has ended is begun; and it ends with the file. One
is at work on a folder at a time. It stays for days: the standard library alone.
"""

import json
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from lab.host.lock import locked

FILE = "forwards.json"  # {room: the words of its ssh}
LOG = "{room}.log"  # what that has said since it was last begun
LOOK = 0.5  # seconds between two looks
AGAIN = 10.0  # seconds between two beginnings of the same: an sshd shuts out who comes too often


class Forward:
    """An ssh that is to run."""

    def __init__(self, words: list[str], log: Path) -> None:
        self.words = words
        self._log = log
        self._began = time.monotonic()
        self._process = self._begin()

    def _begin(self) -> subprocess.Popen[bytes]:
        with self._log.open("wb") as log:
            return subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def keep(self) -> None:
        """Begin it again, if it has ended."""
        if self._process.poll() is not None and time.monotonic() - self._began >= AGAIN:
            self._began = time.monotonic()
            self._process = self._begin()

    def end(self) -> None:
        """End it, and see that it has ended."""
        self._process.terminate()
        self._process.wait()


def follow(folder: Path) -> None:
    """Keep what the folder's file names, until there is no such file."""
    begun: dict[str, Forward] = {}
    try:
        while rooms := wanted(folder / FILE):
            for room in [room for room, forward in begun.items() if rooms.get(room) != forward.words]:
                begun.pop(room).end()
            for room, words in rooms.items():
                if room in begun:
                    begun[room].keep()
                else:
                    begun[room] = Forward(words, folder / LOG.format(room=room))
            time.sleep(LOOK)
    finally:
        for forward in begun.values():
            forward.end()


def wanted(path: Path) -> dict[str, list[str]]:
    """Return what is to run, by room; nothing without the file."""
    try:
        found: dict[str, list[str]] = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    return found


def _give_way() -> None:
    raise BlockingIOError


def main(folder: Path) -> int:
    """Follow the folder's file, unless somebody does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with suppress(BlockingIOError), locked(folder, _give_way):
        follow(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
