"""Sampling: whose processes they are; what changed in each since the last look at /proc is its `track`.

A sample costs one listing of /proc, to find who is new, and one read of /proc/PID/stat and of /proc/PID/io for each
process that is followed.
(Asking /proc/PID/task/TID/children instead costs more from 15 processes on, and cannot see whose parent has gone.)

A process is one of the family if, when it is first seen,

- its parent is of the family, or
- it is in the session of one of the family (an orphan keeps its session), or
- its stack begins at the very address of one of the family: fork copies the address, exec draws a new one (where the
  kernel draws any). This finds a daemon whose middle process lived for less than a sample, or
- its standard input, output or error is the pipe or terminal that the trace made for the command, or
- the mark that whoever runs the command has put into its environment, if any, is in its own. In the middle of an exec
  it has none: whoever is found there is looked at once more.

Without a mark a process escapes that does all of this between two samples: its parent gone, setsid, exec, and no stream
kept; with one, if its environment was emptied as well. Once found, it is followed to its end, wherever it goes.
"""

import contextlib
import os
import resource
import signal
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

from lab import proc
from lab.trace.history import History, Span
from lab.trace.relay import Identity, identity
from lab.trace.track import CHANGE_LIMIT, Track, awaits_leader, half_reaped

ROW_LIMIT = 1000  # processes recorded; any more are counted, and ended with the others
FILE_LIMIT = (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 64) // 3  # processes followed at a time: three files each
PID_MAX = int(Path("/proc/sys/kernel/pid_max").read_text())
RESERVED = 300  # below which no pid is given once the numbers have begun anew (RESERVED_PIDS in kernel/pid.c)
RANDOM_STACKS = Path("/proc/sys/kernel/randomize_va_space").read_text().strip() != "0"  # else strangers share them too


class Births:
    """How many pids were given to processes and threads that no sample has seen.

    The kernel gives one after the other, and /proc/loadavg ends with the newest of the pid namespace (proc(5)).
    """

    def __init__(self) -> None:
        self.file = os.open("/proc/loadavg", os.O_RDONLY)
        self.missed: list[Span[int]] = []
        self.begin()

    def begin(self) -> None:
        """Begin to count."""
        self.last, self.looked = self.newest(), 0.0
        self.born: set[int] = set()  # of whom it is not known yet what they are

    def newest(self) -> int:
        """Return the newest pid; whoever is listed after this call is there, or was born before and is gone."""
        return int(os.pread(self.file, 128, 0).split()[-1])

    def note(self, newest: int, listed: set[int], known: set[int], now: float) -> None:
        """Count who was born since an earlier look, was never known, and is gone. A thread that lives is not listed."""
        self.born.update(given(self.last, newest))
        self.born -= known
        gone = {pid for pid in self.born - listed if not exists(pid)}
        if gone and len(self.missed) < CHANGE_LIMIT:
            self.missed.append(Span(self.looked, now, len(gone)))
        self.born &= listed
        self.last = newest


def given(last: int, newest: int) -> Iterable[int]:
    """Return the pids that may have been given after one until another; the numbers begin anew after the highest."""
    if newest >= last:
        return range(last + 1, newest + 1)
    return chain(range(last + 1, PID_MAX), range(RESERVED, newest + 1))


def exists(pid: int) -> bool:
    """Tell whether there is a process or a thread of this number."""
    return os.access(f"/proc/{pid}", os.F_OK)


class Sampler:
    """The family of one command: who belongs to it, and the track of each.

    Make one before the command starts: whoever is there already is not of the family.
    """

    def __init__(self) -> None:
        self.leader = 0
        self.foreign = set(proc.pids())
        self.tracks: list[Track] = []
        self.live: dict[int, Track] = {}
        self.unrecorded: set[int] = set()
        self.unrecorded_count = 0
        self.sessions: set[int] = set()
        self.sessions_before: set[int] = set()
        self.stacks: set[int] = set()
        self.streams: Mapping[str, Identity] = {}
        self.mark = b""
        self.outsiders: dict[int, str] = {}
        self.births = Births()

    def expect(self, leader: int, streams: Mapping[str, Identity], mark: bytes = b"") -> None:
        """Take for family whoever is in the leader's session, or holds a stream or the mark; but not the leader."""
        self.leader = leader
        self.foreign.add(leader)
        self.sessions.add(leader)
        self.streams = streams
        self.mark = mark
        self.births.begin()

    def sample(self, now: float) -> None:
        """Look at everybody once."""
        for track in list(self.live.values()):
            self.look(track, now)
        self.discover(now)
        self.forget_sessions()

    def forget_sessions(self) -> None:
        """Forget a session of which nobody was there at two samples: its number will be a stranger's one day.

        Not at once: who leads a session may be gone before a sample sees its child.
        """
        if not self.unrecorded:  # whose sessions are not known
            present = {self.leader, *(track.stat.sid for track in self.live.values())}
            self.sessions, self.sessions_before = present | self.sessions_before, present

    def look(self, track: Track, now: float) -> None:
        """Look at one again, unless it is buried already."""
        if self.live.get(track.stat.pid) is not track:
            return
        try:
            if track.sample(now):
                self.learn(track.stat)
        except ProcessLookupError:
            self.bury(track, now)

    def bury(self, track: Track, now: float) -> None:
        """Stop following a process that is gone; its parent, read earlier in this sample, may have reaped it since."""
        track.end(now)
        del self.live[track.stat.pid]
        if parent := self.live.get(track.stat.ppid):
            self.look(parent, now)

    def discover(self, now: float) -> bool:
        """Find the new ones of the family, and return whether there were any."""
        newest = self.births.newest()
        listed = set(proc.pids())
        self.foreign &= listed
        self.unrecorded &= listed
        unknown = listed - self.foreign - self.live.keys() - self.unrecorded
        new = {pid: stat for pid in unknown if (stat := proc.read_stat(pid)) and not self.passing(stat)}
        environments = {pid: environment(pid) for pid in new} if self.mark else {}  # once: meanwhile an exec may end
        marked = {pid for pid, told in environments.items() if told and self.mark in told}
        before = self.count
        # A child may be listed before its parent: look again as long as somebody is found.
        while found := [pid for pid, stat in new.items() if pid in marked or self.is_family(stat)]:
            for pid in found:
                self.follow(new.pop(pid), now)
        self.foreign |= {pid for pid, stat in new.items() if environments.get(pid) != b"" or stat.state in "ZX"}
        if newest != self.births.last or self.births.born:
            self.births.note(newest, listed, self.foreign | self.live.keys() | self.unrecorded, now)
        self.births.looked = now
        return self.count > before

    def passing(self, stat: proc.Stat) -> bool:
        """Tell whether a new process is so near its end that there is nothing to record, or is not yet the command."""
        return half_reaped(stat) or awaits_leader(stat, self.leader) or self.is_copy_of_leader(stat)

    def is_copy_of_leader(self, stat: proc.Stat) -> bool:
        """Tell whether this is the command before its exec, or in the middle of it."""
        if stat.ppid != self.leader or stat.state in "ZX":
            return False
        try:
            return proc.read_cmdline(stat.pid) in ((), proc.read_cmdline(self.leader))
        except proc.GONE:
            return True

    @property
    def count(self) -> int:
        """How many there have been."""
        return len(self.tracks) + self.unrecorded_count

    def is_family(self, stat: proc.Stat) -> bool:
        """Tell whether a process that is seen for the first time belongs to the family, marked or not."""
        return (
            stat.ppid in self.live
            or stat.ppid in self.unrecorded
            or stat.sid in self.sessions
            or stat.stack in self.stacks
            or any(self.is_stream(f"/proc/{stat.pid}/fd/{number}") for number in (0, 1, 2))
        )

    def is_stream(self, link: str) -> bool:
        """Tell whether a process's descriptor is one of the command's streams; it is looked at if its name is."""
        try:
            named = self.streams.get(str(Path(link).readlink()))
            return named is not None and identity(link) == named
        except OSError:
            return False

    def follow(self, stat: proc.Stat, now: float) -> None:
        """Follow a process from now on; beyond the limits, only count it."""
        self.learn(stat)
        if len(self.tracks) >= ROW_LIMIT or len(self.live) >= FILE_LIMIT:
            self.unrecorded.add(stat.pid)
            self.unrecorded_count += 1
            return
        with contextlib.suppress(*proc.GONE):
            self.live[stat.pid] = Track(stat, self.leader, now)
            self.tracks.append(self.live[stat.pid])

    def learn(self, stat: proc.Stat) -> None:
        """Keep what will tell a relative, and the name of a parent that has no row."""
        self.sessions.add(stat.sid)
        self.learn_stack(stat)
        if stat.ppid not in self.live and stat.ppid not in self.outsiders:
            parent = proc.read_stat(stat.ppid)
            self.outsiders[stat.ppid] = parent.comm if parent else ""

    def learn_stack(self, stat: proc.Stat) -> None:
        """Keep where a stack begins, if that tells a relative from a stranger."""
        if stat.stack and RANDOM_STACKS:
            self.stacks.add(stat.stack)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to each of the family, recorded or not, that is there and that we may send it to."""
        for pid in [*self.live, *self.unrecorded]:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)

    def kill(self, now: float) -> None:
        """Kill the whole family: stopped first, so that nobody is born while the others die."""
        self.signal(signal.SIGSTOP)
        while self.discover(now):
            self.signal(signal.SIGSTOP)
        self.signal(signal.SIGKILL)

    def anybody(self) -> bool:
        """Tell whether any of the family is there, a zombie too."""
        return bool(self.live or self.unrecorded)

    def running(self) -> int:
        """Return how many of the family are there, without the zombies."""
        return len(self.running_pids()) + len(self.unrecorded)

    def running_pids(self) -> tuple[int, ...]:
        """Return the pids of those that are followed, without the zombies."""
        return tuple(pid for pid, track in self.live.items() if track.stat.state != "Z")

    def histories(self, now: float) -> tuple[History, ...]:
        """Return what is known of everybody, in order of appearance."""
        return tuple(track.history(now) for track in self.tracks)

    def close(self) -> None:
        """Close what is still open."""
        for track in self.live.values():
            track.close()
        os.close(self.births.file)


def environment(pid: int) -> bytes | None:
    """Return the environment that a process was started with, as NAME=VALUE with NUL bytes between; None if hidden.

    In the middle of an exec, and as a zombie, it has none: b"".
    """
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return None
