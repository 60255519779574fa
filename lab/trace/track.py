"""One process that is followed: what changed in it since the last look at /proc.

The files stay open: reading one again at offset 0 costs half of opening it anew, and it can never speak of another
process that was given the same pid. A line of a process that slept is the same as before, and is not parsed.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab import proc
from lab.trace import pidfd
from lab.trace.history import Command, Exit, History, Span

CHANGE_LIMIT = 20_000  # changes recorded of one kind for one process: 200 s of one in every sample
CMDLINE_LIMIT = 100  # arguments recorded
ARGUMENT_LIMIT = 500  # characters recorded of each


class Track:
    """One followed process: its open stat file, the line last read, and the changes so far."""

    def __init__(self, first: proc.Stat, leader: int, now: float) -> None:
        self.file = os.open(f"/proc/{first.pid}/stat", os.O_RDONLY)
        self.io = opened(f"/proc/{first.pid}/io")
        self.pidfd = pidfd.opened(first.pid)
        self.line = self.io_line = b""
        self.stat = first
        self.leader = leader
        self.uid = os.geteuid()
        self.first_seen = self.last_seen = now
        self.gone: float | None = None
        self.exit: Exit | None = None
        self.left_out = 0
        self.changes: dict[str, list[tuple[float, Any]]] = {}
        self.note(first, now)
        self.note_written(now)
        self.identify(now)

    def sample(self, now: float) -> bool:
        """Look again, and return whether anything is new; raise ProcessLookupError when it is gone.

        The command is gone when it is dead: its parent, the leader, may have to wait for the CPU until it can reap.
        """
        line = os.pread(self.file, 2048, 0)
        self.note_written(now)
        if self.stat.blocked or self.stat.state in "DTt":
            self.note_pending(now)
        if line == self.line:
            self.last_seen = now
            return False
        before, stat = self.stat, proc.parse_stat(line)
        if half_reaped(stat):
            return False
        if awaits_leader(stat, self.leader):
            self.stat = stat
            self.note_sums(stat, now)
            raise ProcessLookupError
        self.last_seen = now
        self.line, self.stat = line, stat
        self.note(stat, now)
        if (before.comm, before.stack) != (stat.comm, stat.stack) and stat.state not in "ZX":
            self.identify(now)
        return True

    def note(self, stat: proc.Stat, now: float) -> None:
        """Add what a line of stat tells."""
        self.add("states", stat.state, now)
        self.add("parents", stat.ppid, now)
        self.add("groups", stat.pgid, now)
        self.add("sessions", stat.sid, now)
        self.add("niceness", stat.niceness, now)
        self.add("threads", stat.threads, now)
        self.add("foreground", stat.foreground, now)
        self.add("blocked", stat.blocked, now)
        self.add("ignored", stat.ignored, now)
        self.add("caught", stat.caught, now)
        self.note_sums(stat, now)
        if stat.state == "Z" and os.geteuid() in (0, self.uid):  # others are shown 0, whatever it was
            self.exit = Exit.of(stat.exit_code)

    def note_sums(self, stat: proc.Stat, now: float) -> None:
        """Add what only grows, and is still there when it is dead."""
        self.add("reaped", stat.reaped, now)
        self.add("used", stat.cpu / proc.TICKS_PER_SECOND, now)

    def note_written(self, now: float) -> None:
        """Add how much it has written, where we may know."""
        if self.io is None:
            return
        try:
            line = os.pread(self.io, 512, 0)
        except OSError:  # it is gone, or has become another user's
            return
        if line != self.io_line:
            self.io_line = line
            self.add("written", proc.parse_written(line), now)

    def note_pending(self, now: float) -> None:
        """Add which signals wait for it to take them; one that can, takes them at once."""
        try:
            status = Path(f"/proc/{self.stat.pid}/status").read_text(errors="replace")
        except OSError:
            return
        self.add("pending", proc.pending_signals(status), now)

    def identify(self, now: float) -> None:
        """Add who it is: when it is first seen, after an exec, and after it changed its name."""
        process = proc.read(self.stat.pid)
        cmdline = process.cmdline[:CMDLINE_LIMIT] if process else ()
        self.uid = process.uid if process else self.uid
        self.add("commands", Command(self.stat.comm, tuple(a[:ARGUMENT_LIMIT] for a in cmdline)), now)

    def add(self, kind: str, value: object, now: float) -> None:
        """Add a value, if it is another than the last of its kind."""
        changes = self.changes.setdefault(kind, [])
        if changes and changes[-1][1] == value:
            return
        if len(changes) < CHANGE_LIMIT:
            changes.append((now, value))
        else:
            self.left_out += 1

    def end(self, now: float) -> None:
        """Note that it is gone, and how it ended, if only the kernel has seen that."""
        self.gone = now
        if self.exit is None and self.pidfd is not None:
            self.exit = pidfd.how_it_ended(self.pidfd)
        self.close()

    def close(self) -> None:
        """Close its files."""
        for file in (self.file, self.io, self.pidfd):
            if file is not None:
                os.close(file)

    def history(self, now: float) -> History:
        """Return what is known of it at the end of the recording."""
        until = now if self.gone is None else self.gone
        return History(
            pid=self.stat.pid,
            start=self.stat.start,
            uid=self.uid,
            first_seen=self.first_seen,
            last_seen=self.last_seen,
            gone=self.gone,
            exit=self.exit,
            left_out=self.left_out,
            cpu=self.stat.cpu / proc.TICKS_PER_SECOND,
            faults=self.stat.faults,
            **{kind: tuple(spans(changes, until)) for kind, changes in self.changes.items()},
        )


def spans(changes: list[tuple[float, Any]], until: float) -> Iterator[Span[Any]]:
    """Turn changes into spans: each value holds until the next one, the last one until the end."""
    ends = [moment for moment, _ in changes[1:]] + [until]
    for (start, value), end in zip(changes, ends, strict=True):
        yield Span(start, end, value)


def half_reaped(stat: proc.Stat) -> bool:
    """Tell whether a process was reaped while the kernel wrote its line: then it has no session any more."""
    return stat.sid < 0


def awaits_leader(stat: proc.Stat, leader: int) -> bool:
    """Tell whether this is the command, dead, before its parent has waited: a zombie of the lab's making."""
    return stat.state == "Z" and stat.ppid == leader and stat.threads < 2


def opened(path: str) -> int | None:
    """Open a file of /proc, None if it is hidden, or gone."""
    try:
        return os.open(path, os.O_RDONLY)
    except OSError:
        return None
