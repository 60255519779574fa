"""A watch on this machine's processes, and a reader of its frames.

Without containers a process is in the seat that its environment names: the recognition is the test's, all else is as in
the lab.
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from lab.proc import read_stat
from tests.clone import ROOT
from tests.eventually import PATIENCE, eventually

Frame = dict[str, Any]
Rows = list[dict[str, Any]]

WATCH = """
import sys
from pathlib import Path
from lab.chat.listener import Listener
from lab.watch.__main__ import SOCKET_MODE
from lab.watch.server import Server, watch_signals

def whose(pid, uid, parent):
    if parent:
        return parent
    for variable in Path(f"/proc/{pid}/environ").read_bytes().split(b"\\0"):
        name, _, mark = variable.partition(b"=")
        if name == b"WATCHED" and mark.startswith(sys.argv[2].encode()):
            return mark.decode().partition(":")[2]
    return None

stop = watch_signals()
listener = Listener(Path(sys.argv[1]), SOCKET_MODE)
try:
    Server(listener, whose, stop).run()
finally:
    listener.close()
"""


def now() -> float:
    """Return the seconds of the clock of the frames."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Reader:
    """One connection to a watch: where its lines are read, and how a line is said."""

    def __init__(self, lines: BinaryIO, say: Callable[[bytes], object]) -> None:
        self.lines = lines
        self.say = say
        self.seats: dict[str, Frame] = {}  # as they were last told

    def frame(self) -> Frame:
        """Return the next frame; raise EOFError if there is none."""
        line = self.lines.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        frame: Frame = json.loads(line)
        self.seats |= frame["seats"]
        return frame

    def look(self, *seats: str) -> None:
        """Look at these seats."""
        self.say(json.dumps({"look": seats}).encode() + b"\n")

    def rows(self, seat: str) -> Rows:
        """Return a seat's processes as they were last told."""
        found: Rows = self.seats.get(seat, {"processes": []})["processes"]
        return found

    def until(self, seat: str, is_so: Callable[[Rows], object]) -> Frame:
        """Read on until a seat's processes are so; return the frame that told it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            frame = self.frame()
            if is_so(self.rows(seat)):
                return frame
        raise AssertionError(f"still {self.rows(seat)}")

    def to_the_end(self) -> None:
        """Read on until there is nothing more."""
        with suppress(EOFError, ConnectionResetError):
            while True:
                self.frame()


@contextmanager
def connected(path: Path) -> Iterator[Reader]:
    """Yield a reader of the watch that listens there."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
        end.settimeout(PATIENCE)
        end.connect(str(path))
        with end.makefile("rb") as lines:
            yield Reader(lines, end.sendall)


class Watch:
    """A running watch, and processes that it takes for a seat's."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "watch.sock"
        self.mark = secrets.token_hex(8)
        self.children: list[subprocess.Popen[bytes]] = []
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, and wait until it listens."""
        self.process = subprocess.Popen(
            [sys.executable, "-c", WATCH, str(self.path), self.mark], cwd=ROOT, stderr=subprocess.PIPE
        )
        eventually(lambda: self.process.poll() is not None or self.answers())
        return self.process

    def answers(self) -> bool:
        """Tell whether somebody listens."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            return probe.connect_ex(str(self.path)) == 0

    def connections(self) -> int:
        """Return how many readers it has: its files that are sockets, but for the one at which it listens."""
        return sum(is_socket(file) for file in Path(f"/proc/{self.process.pid}/fd").iterdir()) - 1

    def reader(self) -> AbstractContextManager[Reader]:
        """Return a new reader, as a context."""
        return connected(self.path)

    def popen(self, *command: str | bytes, seat: str = "client1", **options: Any) -> subprocess.Popen[bytes]:
        """Start a program of a seat, in a session of its own; it is killed at the end, its group with it."""
        environment = {**os.environ, "WATCHED": f"{self.mark}:{seat}"}
        child = subprocess.Popen(command, env=environment, start_new_session=True, **options)
        self.children.append(child)
        return child

    def python(self, program: str, *words: str, seat: str = "client1", **options: Any) -> subprocess.Popen[bytes]:
        return self.popen(sys.executable, "-S", "-c", program, *words, seat=seat, **options)

    def said(self) -> str:
        """Return its last words, once it has ended."""
        assert self.process.stderr
        return self.process.stderr.read().decode()

    def end(self) -> None:
        for child in self.children:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream:
                    stream.close()
        self.process.kill()
        self.process.wait()
        if self.process.stderr:
            self.process.stderr.close()


@contextmanager
def watching() -> Iterator[Watch]:
    """Yield a watch whose socket is in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        watch = Watch(Path(folder))
        try:
            yield watch
        finally:
            watch.end()


def is_socket(file: Path) -> bool:
    """Tell whether a descriptor, by its name in /proc, is a socket; one that was closed meanwhile is none."""
    try:
        return str(file.readlink()).startswith("socket:")
    except FileNotFoundError:
        return False


def row(rows: Sequence[dict[str, Any]], pid: int) -> dict[str, Any]:
    """Return the row of a process, {} if there is none."""
    return next((found for found in rows if found["pid"] == pid), {})


def state_of(pid: int) -> str:
    """Return a process's state by our own look at it."""
    stat = read_stat(pid)
    return stat.state if stat else ""
