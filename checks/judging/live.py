"""A look at the processes that a student has started in the seat, for a second: the evidence of a live exercise."""

import contextlib
import os
import time
from pathlib import Path

from checks.judging.seat import Evidence, Lateness, Seat
from lab import proc
from lab.trace import Output, Trace, sampler
from lab.trace.history import document

SECONDS = 1.2
INTERVAL = 0.02
ENOUGH = 25  # looks; a busy machine needs longer for them
LONGEST = 5.0


class Residents(sampler.Sampler):
    """Whoever is the student's, from wherever it came, but not who checks."""

    def __init__(self, seat: Seat) -> None:
        super().__init__()
        self.seat = seat
        self.foreign = checkers()

    def is_family(self, stat: proc.Stat) -> bool:
        """Tell whether a process is the student's."""
        return is_resident(stat.pid, self.seat)


def is_resident(pid: int, seat: Seat) -> bool:
    """Tell whether a process is the student's; where a folder stands in for the home, by its environment."""
    process = proc.read(pid)
    if not process or process.uid != seat.uid or is_the_seats(process):
        return False
    return not seat.is_a_folder or environment(pid).get("LAB_HOME") == str(seat.home)


def is_the_seats(process: proc.Process) -> bool:
    """Tell whether a process is the seat's own: its first one, and the door, through which every login comes."""
    return process.pid == 1 or any("lab.door.door" in word for word in process.cmdline)


def residents(seat: Seat) -> list[int]:
    """Return the pids of the student's processes at this moment."""
    return [pid for pid in proc.pids() if is_resident(pid, seat)]


def look(seat: Seat, seconds: float = SECONDS) -> Evidence:
    """Return the evidence: a trace of all the student's processes, whose command is ()."""
    everybody = Residents(seat)
    everybody.sample(0.0)  # to find them takes longer than to look at them again
    began, start = time.time(), time.monotonic()
    lateness = Lateness()
    lateness.begin()
    now, longest, samples = 0.0, 0.0, 1
    while now < seconds or (samples < ENOUGH and now < LONGEST):
        time.sleep(INTERVAL)
        before, now = now, round(time.monotonic() - start, 4)
        longest = max(longest, round(now - before, 4))
        everybody.sample(now)
        samples += 1
    everybody.close()
    lateness.end()
    return {"traces": [document(trace(everybody, began, now, longest, samples))], "late": lateness.longest}


def trace(residents: Residents, began: float, seconds: float, longest: float, samples: int) -> Trace:
    """Return what was seen as a trace: of no command, hence without an end, output or exit status."""
    return Trace(
        command=(),
        began=round(began, 4),
        seconds=seconds,
        interval=INTERVAL,
        longest_gap=longest,
        samples=samples,
        pid=0,
        leader=0,
        ended=None,
        exit=None,
        cut=None,
        left_running=(),
        unrecorded=residents.unrecorded_count,
        terminal=False,
        stdout=Output(""),
        stderr=Output(""),
        outsiders=residents.outsiders,
        processes=residents.histories(seconds),
    )


def checkers() -> set[int]:
    """Return the pids of this check, and of the `lab watch` that may have started it."""
    parent = proc.read(os.getppid())
    is_lab = parent is not None and "lab.student.cli" in parent.cmdline
    return {os.getpid(), os.getppid()} if is_lab else {os.getpid()}


def sleeps(pid: int) -> int:
    """Return how often the threads of a process have gone to sleep by themselves; 0 of one that is not there."""
    counts = 0
    for task in Path(f"/proc/{pid}/task").glob("*/status"):
        with contextlib.suppress(OSError):
            status = task.read_text(errors="replace")
            counts += int(proc.status_field(status, "voluntary_ctxt_switches") or 0)
    return counts


def environment(pid: int) -> dict[str, str]:
    """Return the environment that a process was started with; a zombie has none."""
    pairs = (os.fsdecode(entry).partition("=") for entry in (sampler.environment(pid) or b"").split(b"\0"))
    return {name: value for name, _, value in pairs}
