"""A seat's processes together: who is whose child, whose end was waited for, who was too short to be seen."""

import os
from collections import Counter
from collections.abc import Callable, Iterable

from lab.proc import PROC, by_birth
from lab.watch.process import Process, numbers_of, read_status, seats_own

PID_MAX = int((PROC / "sys/kernel/pid_max").read_text())
MOST_NUMBERS = 10_000  # that are given in a seat between two looks; more, and nothing is counted


class Seat:
    """The processes of one seat, by the machine's pids."""

    def __init__(self) -> None:
        self.processes: dict[int, Process] = {}
        self.version = 0  # another one whenever the value is another
        self._births = Births()
        self._lost: Counter[int] = (
            Counter()
        )  # by parent: children gone at the last look, and no wait seen that took them
        self._rows: dict[int, bytes] = {}
        self._value, self._value_version = b"", -1

    def add(self, found: Iterable[Process]) -> None:
        """Take processes that are seen for the first time."""
        new = {process.pid: process for process in found}
        numbers = {process.own for process in new.values()}
        if self.processes:
            self._births.note(numbers, self._threads)
        else:
            self._births.begin(numbers)
        self.processes |= new
        for process in new.values():
            process.parent = self._own_number(process.ppid)
        self.version += 1

    def look(self, now: float) -> list[int]:
        """Look at everybody again; return the pids of who is gone.

        Parents before their children: so who is found gone was waited for after its parent was looked at, or before.
        """
        changed, reaped, gone = [], [], []
        for process in self.processes.values():
            try:
                if process.look(now):
                    changed.append(process)
            except ProcessLookupError:
                gone.append(process)
            if process.has_reaped:
                reaped.append(process)
        for process in gone:
            process.close()
            del self.processes[process.pid]
        for process in changed:
            process.parent = self._own_number(process.ppid)
        self._count_reaps(reaped, Counter(process.ppid for process in gone))
        is_missed = self._births.settle()
        for process in (*changed, *reaped, *gone):
            self._rows.pop(process.pid, None)
        self.version += bool(changed or reaped or gone or is_missed)
        return [process.pid for process in gone]

    def _count_reaps(self, reaped: Iterable[Process], lost: Counter[int]) -> None:
        """Count the ends that waits have taken: as many as children are gone, and one for each child never seen.

        A child that is gone without a wait, where its parent ignores SIGCHLD, is forgotten at the next look.
        """
        for process in reaped:
            process.reaps += max(1, lost.pop(process.pid, 0) + self._lost[process.pid])
        self._lost = lost

    def _own_number(self, pid: int) -> int:
        """Return the seat's own number of a parent: 0 for one outside, from where a container's first process comes."""
        if pid in self.processes:
            return self.processes[pid].own
        inwards = numbers_of(read_status(pid), "NSpid")[1:]  # root's, such as `make grade`'s, is in the seat too
        return inwards[0] if inwards else 0

    def _threads(self) -> set[int]:
        """Return the seat's own numbers of the threads that there are; each has one, as a process has."""
        paths = [f"{process.pid}/task" for process in self.processes.values() if process.threads > 1]
        return {seats_own(read_status(f"{path}/{thread}"), "NSpid") for path in paths for thread in listed(path)}

    def value(self) -> bytes:
        """Return what a frame says of the seat, as JSON."""
        if self._value_version != self.version:
            processes = by_birth(self.processes.values())
            rows = b", ".join(map(self._row, processes))
            self._value = b'{"processes": [%s], "missed": %d}' % (rows, self._births.missed)
            self._value_version = self.version
        return self._value

    def _row(self, process: Process) -> bytes:
        if process.pid not in self._rows:
            self._rows[process.pid] = process.row()
        return self._rows[process.pid]


class Births:
    """How many numbers were given in a seat to processes that no look has found.

    A PID namespace gives one after the other, so a new process tells how many there were since the one before.
    """

    def __init__(self) -> None:
        self.missed = 0
        self._highest = 0
        self._unseen: set[int] = set()
        self._unseen_before: set[int] = set()  # still, a look later: who was being made, and not listed yet, is now

    def begin(self, numbers: set[int]) -> None:
        """Begin with who is there already."""
        self._highest = max(numbers)
        self._unseen, self._unseen_before = set(), set()

    def note(self, numbers: set[int], threads: Callable[[], set[int]]) -> None:
        """Take the numbers of new processes."""
        self._unseen -= numbers
        self._unseen_before -= numbers
        between = set(range(self._highest + 1, max(numbers))) if self._follows(max(numbers)) else set()
        if between := between - numbers:
            self._unseen |= between - threads()
        if max(numbers) > self._highest or self._highest - max(numbers) > PID_MAX // 2:  # they begin anew at the end
            self._highest = max(numbers)

    def _follows(self, number: int) -> bool:
        return self._highest < number <= self._highest + MOST_NUMBERS

    def settle(self) -> bool:
        """Count who was not found at a second look either; tell whether there was anybody."""
        count = len(self._unseen_before)
        self.missed += count
        self._unseen, self._unseen_before = set(), self._unseen
        return count > 0


def listed(path: str) -> list[str]:
    """Return the names in a folder of /proc; none if its process is gone."""
    try:
        return os.listdir(PROC / path)  # noqa: PTH208
    except OSError:
        return []
