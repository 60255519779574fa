"""The traced command as a job: started through the leader of its session (`leader`), and heard of through it."""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.trace.history import Exit
from lab.trace.relay import Streams

LEADER = Path(__file__).with_name("leader.py")
Environment = Mapping[str, str] | Mapping[bytes, bytes]


class NotTracedError(Exception):
    """There is no strace, or it may not follow the command; the text says so."""


class Job:
    """A command that `begin` starts. `pid` is its pid and its process group, `leader` its parent and its session."""

    def __init__(self, command: Sequence[str], streams: Streams, cwd: Path | None, env: Environment | None) -> None:
        self.exit: Exit | None = None
        self.last: dict[str, int] = {}  # `reaped` and `written` of the command at its end, as in its history
        self.ended = False
        self.leading = True  # whether the leader lives, which the command might kill
        self.control, theirs = socket.socketpair()
        ends = [theirs.fileno(), streams.terminal]
        stdin, stdout, stderr = streams.theirs
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(LEADER), *map(str, ends), *command],
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                pass_fds=[*inherited(), *(end for end in ends if end >= 0)],
                start_new_session=True,
                cwd=cwd,
                env=env,
            )
        finally:
            theirs.close()
            streams.hand_over()
        self.leader = self.process.pid
        self.name = command[0]
        self.pid = 0
        self.control.recv(4096)  # it is ready, or has failed, as `begin` will find

    def hold(self) -> None:
        """Make the command's process, `pid`, whose exec waits for `begin`. Raises OSError if there is none."""
        self.pid = self.told(b"h", "held")[0]

    def begin(self) -> None:
        """Start the command. Raises OSError with the errno of the exec, such as ENOENT, if it cannot be started."""
        self.pid, more = self.told(b"\n", "started")
        self.take(more)

    def told(self, order: bytes, event: str) -> tuple[int, list[str]]:
        """Give the leader an order; return the number of the event that answers it, and what it has said besides."""
        said = b""
        with contextlib.suppress(ConnectionError):  # the leader has failed before it could read
            self.control.send(order)
            said = self.control.recv(4096)
        first, *more = said.decode().splitlines() or ["failed 0"]
        found, number = first.split()
        if found == event:
            return int(number), more
        self.close()
        raise OSError(int(number), os.strerror(int(number)), self.name)

    def hear(self) -> list[int]:
        """Take the leader's reports; return the signals that stopped the command."""
        reports = self.control.recv(4096).decode().splitlines()
        if not reports:
            self.ended, self.leading = True, False
        return self.take(reports)

    def take(self, reports: list[str]) -> list[int]:
        """Take reports that came while the command was running."""
        events = [(event, int(number)) for event, number in map(str.split, reports)]
        for event, number in events:
            if event == "ended":
                self.ended, self.exit = True, Exit.of(number)
            elif event in ("reaped", "written"):
                self.last[event] = number
        return [number for event, number in events if event == "stopped"]

    def signal(self, number: int) -> None:
        """Send a signal to the command's process group, as a terminal does."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def close(self) -> None:
        """Let the leader go."""
        self.control.close()
        self.process.wait()


def inherited() -> list[int]:
    """Return the descriptors beside the standard ones that whoever started us meant for the command."""
    numbers = [int(name) for name in os.listdir("/proc/self/fd")]  # noqa: PTH208 (names, not paths)
    return [number for number in numbers if number > 2 and is_inheritable(number)]


def is_inheritable(number: int) -> bool:
    """Tell whether a descriptor is open, and goes through exec."""
    try:
        return os.get_inheritable(number)
    except OSError:
        return False
