"""Processes as the kernel sees them: one look at /proc (proc(5)), in the words and letters of ps (ps(1)).

`snapshot()` is `ps -e`, `read(pid)` is `ps -p PID`, and `Process.stat` is the STAT column. All of it comes from
three files: /proc/PID/stat (one line, cheap, what `lab trace` samples), /proc/PID/status, /proc/PID/cmdline.
A process may end between two of these reads; that is no error, there is simply no record of it.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import Protocol, TypeVar

PROC = Path("/proc")
GONE = (FileNotFoundError, ProcessLookupError, PermissionError)  # the last: /proc mounted with hidepid=1
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
A_TICK = 16384  # pids: more than are given in a tick, and half of the 32768 that there are by default, or fewer


class Born(Protocol):
    """Whoever has begun."""

    @property
    def pid(self) -> int:
        """The process ID."""

    @property
    def start(self) -> int:
        """Clock ticks since boot."""


AnyBorn = TypeVar("AnyBorn", bound=Born)


@dataclass(frozen=True, slots=True)
class Stat:
    """One line of /proc/PID/stat, the fields that a lab about processes asks for."""

    pid: int
    comm: str  # the name: at most 15 bytes, set by exec or by the process; bytes that are not UTF-8 read \xNN
    state: str  # one letter: R S D T t Z I X (ps(1), PROCESS STATE CODES)
    ppid: int
    pgid: int
    sid: int
    tty: int  # the controlling terminal's device number, 0 for none; see `terminal_name`
    tpgid: int  # the foreground process group of that terminal, -1 for none
    priority: int  # the kernel's view: 20 + niceness for an ordinary process, negative for a real-time one
    niceness: int  # -20 (first served) to 19
    threads: int
    start: int  # clock ticks since boot; pid and start together name one process for ever
    stack: int  # the address where its stack begins: kept by fork, random at exec, 0 where we may not know
    cpu: int  # clock ticks of CPU that all its threads have had, in user and kernel mode
    exit_code: int  # a zombie's status as wait(2) encodes it; 0 where we may not know
    faults: int  # page faults of its own, and of those: what it adds to its parent's `reaped` when it is waited for
    reaped: int  # page faults of the children that it has waited for (cminflt): it grows when a wait returns a child
    blocked: int  # signals 1 to 31 as bits, the lowest for 1: those that its first thread blocks,
    ignored: int  # those that it ignores,
    caught: int  # and those that it has a handler for

    @property
    def session_leader(self) -> bool:
        """Whether it began its session (setsid(2)): ps's `s`."""
        return self.sid == self.pid

    @property
    def foreground(self) -> bool:
        """Whether it is in its terminal's foreground process group (tcsetpgrp(3)): ps's `+`."""
        return self.pgid == self.tpgid

    def letters(self, locked: bool) -> str:
        """Return the STAT string, in procps' order; `locked` is whether it holds pages in RAM."""
        marks = {
            "<": self.niceness < 0,
            "N": self.niceness > 0,
            "L": locked,
            "s": self.session_leader,
            "l": self.threads > 1,
            "+": self.foreground,
        }
        return self.state + "".join(mark for mark, set_ in marks.items() if set_)


@dataclass(frozen=True, slots=True)
class Process(Stat):
    """All that the lab knows of one process at one moment."""

    uid: int  # the effective user
    locked: int  # KiB that may not be swapped out (mlock(2)): VmLck; 0 for a zombie, which has no memory
    cmdline: tuple[str, ...]  # the arguments, () for a zombie or a kernel thread; see `read_cmdline`

    @property
    def stat(self) -> str:
        """The STAT string exactly as `ps -o stat` prints it, such as `Ss+`."""
        return self.letters(locked=self.locked > 0)

    @property
    def terminal(self) -> str:
        """The controlling terminal's name as `ps -o tty` prints it, such as `pts/0`; `?` for none."""
        return terminal_name(self.tty)

    @property
    def started(self) -> float:
        """The start time in seconds since the epoch, to a clock tick (10 ms)."""
        return boot_time() + self.start / TICKS_PER_SECOND


def snapshot() -> dict[int, Process]:
    """Return every process that /proc shows, by pid."""
    return {pid: process for pid in pids() if (process := read(pid))}


def pids() -> list[int]:
    """Return the pid of every process that /proc shows."""
    return [int(name) for name in os.listdir(PROC) if name.isdigit()]  # noqa: PTH208 (a sample's cost: see tests/bench)


def read(pid: int) -> Process | None:
    """Return one process, or None if it is not there, or no longer."""
    try:
        stat = parse_stat((PROC / f"{pid}/stat").read_bytes())
        status = (PROC / f"{pid}/status").read_text(errors="replace")
        cmdline = read_cmdline(pid)
    except GONE:
        return None
    return Process(**asdict(stat), uid=effective_uid(status), locked=locked_memory(status), cmdline=cmdline)


def read_stat(pid: int) -> Stat | None:
    """Return the part of one process that a single read gives, or None if it is not there."""
    try:
        return parse_stat((PROC / f"{pid}/stat").read_bytes())
    except GONE:
        return None


def read_cmdline(pid: int) -> tuple[str, ...]:
    """Return the arguments; raise FileNotFoundError or ProcessLookupError for a process that is gone.

    A program that writes a title over its arguments leaves NUL bytes behind it, so trailing empty arguments
    are not kept.
    """
    line = (PROC / f"{pid}/cmdline").read_bytes().rstrip(b"\0")
    return tuple(readable(argument) for argument in line.split(b"\0")) if line else ()


def parse_stat(line: bytes) -> Stat:
    """Parse a line of /proc/PID/stat.

    The name stands between the first `(` and the last `)`, and may hold any byte but NUL: these two as well.
    """
    opening, closing = line.index(b"("), line.rindex(b")")
    rest = line[closing + 2 :].split()
    return Stat(
        pid=int(line[:opening]),
        comm=readable(line[opening + 1 : closing]),
        state=rest[0].decode(),
        ppid=int(rest[1]),
        pgid=int(rest[2]),
        sid=int(rest[3]),
        tty=int(rest[4]),
        tpgid=int(rest[5]),
        priority=int(rest[15]),
        niceness=int(rest[16]),
        threads=int(rest[17]),
        start=int(rest[19]),
        stack=int(rest[25]) if rest[23] != b"0" else 0,  # in the middle of an exec, the code has no address yet
        cpu=int(rest[11]) + int(rest[12]),
        exit_code=int(rest[49]),
        faults=int(rest[7]) + int(rest[8]),
        reaped=int(rest[8]),
        blocked=int(rest[29]),
        ignored=int(rest[30]),
        caught=int(rest[31]),
    )


def parse_written(io: bytes) -> int:
    """Return the bytes that a process and the children that it has reaped have written, of /proc/PID/io (wchar)."""
    return int(io.split()[3])


def readable(raw: bytes) -> str:
    r"""Return text that can be printed and written as UTF-8 whatever the bytes: odd ones read \xNN."""
    return raw.decode("utf-8", "backslashreplace")


def effective_uid(status: str) -> int:
    """Return the effective user of /proc/PID/status."""
    return int(status_field(status, "Uid").split()[1])


def locked_memory(status: str) -> int:
    """Return the KiB of locked memory of /proc/PID/status."""
    return int((status_field(status, "VmLck") or "0").split()[0])


def delayed(process: int | str) -> float | None:
    """Return for how many seconds it could have run and waited for a CPU (or "thread-self"), /proc/PID/schedstat.

    None if it is gone, or if the kernel does not say.
    """
    try:
        _, waited, _ = (PROC / str(process) / "schedstat").read_text().split()
    except OSError:
        return None
    return int(waited) / 1e9


def pending_signals(status: str) -> int:
    """Return the signals 1 to 31 of /proc/PID/status that were sent and not yet taken, as bits, the lowest for 1."""
    thread, process = (int(status_field(status, name) or "0", 16) for name in ("SigPnd", "ShdPnd"))
    return (thread | process) & 0x7FFFFFFF


def has_signal(mask: int, number: int) -> bool:
    """Tell whether a signal is among those of a mask."""
    return bool(mask >> (number - 1) & 1)


def status_field(status: str, name: str) -> str:
    """Return what follows `name:` in /proc/PID/status, "" if it has no such line."""
    found = re.search(rf"^{name}:(.*)$", status, re.MULTILINE)
    return found[1].strip() if found else ""


@cache
def terminal_name(device: int) -> str:
    """Return a terminal's name below /dev by its device number, `?` for 0, which is none."""
    if device == 0:
        return "?"
    major, minor = os.major(device), os.minor(device)
    if 136 <= major <= 143:  # Unix98 pseudo-terminals, pts(4): they have no entry in sysfs
        return f"pts/{minor + 256 * (major - 136)}"
    try:
        return Path(f"/sys/dev/char/{major}:{minor}").readlink().name
    except OSError:
        return f"{major}:{minor}"


@cache
def boot_time() -> int:
    """Return when the kernel started, in seconds since the epoch."""
    stat = (PROC / "stat").read_text()
    return int(stat.partition("\nbtime ")[2].split()[0])


def children(pid: int, processes: Mapping[int, Process]) -> list[Process]:
    """Return the processes of a snapshot whose parent is `pid`, the oldest first."""
    return by_birth(p for p in processes.values() if p.ppid == pid)


def by_birth(processes: Iterable[AnyBorn]) -> list[AnyBorn]:
    """Return processes in the order in which they began: by the tick, and within it by the pid.

    Pids are given one after the other, and begin anew after the highest (pid_max in proc_sys_kernel(5)): a gap in a
    tick that is too wide to have been given within it is where they did.
    """
    found: list[AnyBorn] = []
    for _, of_a_tick in groupby(sorted(processes, key=lambda p: (p.start, p.pid)), key=lambda p: p.start):
        together = list(of_a_tick)
        anew = next((n for n, (one, after) in enumerate(pairwise(together), 1) if after.pid - one.pid > A_TICK), 0)
        found += together[anew:] + together[:anew]
    return found


def descendants(pid: int, processes: Mapping[int, Process]) -> Iterable[Process]:
    """Yield the children of `pid` and theirs, each before its own: the order in which pstree prints them."""
    waiting = children(pid, processes)[::-1]
    while waiting:
        child = waiting.pop()
        yield child
        waiting += children(child.pid, processes)[::-1]
