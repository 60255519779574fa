"""A look at the whole machine: who is new, and whose; everybody of a seat is looked at by that seat."""

import os

from lab import proc
from lab.watch.process import Process, read_status
from lab.watch.seat import Seat
from lab.watch.whose import Whose

FIRST_PAUSE, LAST_PAUSE = 0.05, 3.2  # seconds until a stranger is looked at again, twice as many each time: what root
# starts in a container becomes the student's, mostly at once
LISTING = 3.0  # seconds until all are listed, though nobody was born


class Sampler:
    """The seats, and all strangers: processes that are in none."""

    def __init__(self, whose: Whose) -> None:
        self.seats: dict[str, Seat] = {}
        self._whose = whose
        self._ours: dict[int, str] = {}  # the seat of each process that is followed
        self._strangers: dict[int, tuple[float, float]] = {}  # when each is looked at again, and the pause before
        self._kernel: set[int] = set()  # who will never be anybody's
        self._births = os.open("/proc/loadavg", os.O_RDONLY)
        self._newest = b""
        self._is_listed = False  # whether all that are born are listed: one that is being made is not there at once
        self._next_listing = 0.0

    def sample(self, now: float, logins: set[str] | None = None) -> None:
        """Look at these seats, or all; `now` is CLOCK_BOOTTIME's."""
        for login, seat in self.seats.items():
            if (logins is None or login in logins) and (gone := seat.look(now)):
                for pid in gone:
                    del self._ours[pid]
                self._is_listed = False  # its pid may be somebody else's already
        new = self._born(now)
        if logins is None:
            new |= {pid for pid, (due, _) in self._strangers.items() if due <= now}
        self._discover(sorted(new), now)

    def _born(self, now: float) -> set[int]:
        """Return who is listed for the first time. The newest pid tells whether to list (/proc/loadavg)."""
        newest = os.pread(self._births, 128, 0).rpartition(b" ")[2]
        is_nobody_born, self._newest = newest == self._newest, newest
        if is_nobody_born and self._is_listed and now < self._next_listing:
            return set()
        self._is_listed, self._next_listing = is_nobody_born, now + LISTING
        listed = set(proc.pids())
        self._kernel &= listed
        self._strangers = {pid: looks for pid, looks in self._strangers.items() if pid in listed}
        born = listed - self._ours.keys() - self._kernel - self._strangers.keys()
        self._strangers |= dict.fromkeys(born, (now, FIRST_PAUSE))
        return born

    def _discover(self, pids: list[int], now: float) -> None:
        """Find who of these strangers is in a seat; the oldest first, since a child is where its parent is."""
        found: dict[str, list[Process]] = {}
        for pid in pids:
            status = read_status(pid)
            _, pause = self._strangers[pid]
            self._strangers[pid] = now + pause, min(2 * pause, LAST_PAUSE)
            if (login := self._login(pid, status)) and (process := followed(pid, status, now)):
                found.setdefault(login, []).append(process)
                self._ours[pid] = login
                del self._strangers[pid]
        for login, processes in found.items():
            self.seats.setdefault(login, Seat()).add(processes)

    def _login(self, pid: int, status: str) -> str | None:
        """Return the seat that a process is in; None if it is in none, or gone."""
        if not status:
            return None
        parent = self._ours.get(int(proc.status_field(status, "PPid")))
        try:
            login = self._whose(pid, proc.effective_uid(status), parent)
        except OSError:  # it is gone, or about to be
            return None
        if login is None and "\nVmSize:" not in status:  # the kernel's, or dead
            self._kernel.add(pid)
            self._strangers.pop(pid, None)
        return login


def followed(pid: int, status: str, now: float) -> Process | None:
    """Return a process that is looked at from now on; None if it is gone, or there is no descriptor left for it."""
    try:
        return Process(pid, status, now)
    except OSError:
        return None
