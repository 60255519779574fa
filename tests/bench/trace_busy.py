"""How surely `lab trace` sees what it promises, while every core is kept busy.

`python3 -m tests.bench.trace_busy [RUNS [LOOPS]]`. Each phenomenon is produced and recorded RUNS times (100 unless
given), beside LOOPS endless loops (one a core unless given; 0 in a seat whose neighbours keep the cores busy). Printed
for each: in how many runs it was seen, and the longest gap between two samples of a run: the median, the worst.
"""

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from lab.trace import History, Trace, record

PRELUDE = "import os, signal, sys, threading, time\n"
Seen = Callable[[Trace], bool]


def child(trace: Trace) -> History | None:
    """Return the command's one child, None if it was missed."""
    return next(iter(trace.children(trace.root)), None)


def in_child(seen: Callable[[History], bool]) -> Seen:
    """Return the question whether something is true of the child, which must have been seen too."""
    return lambda trace: (found := child(trace)) is not None and seen(found)


def states(history: History) -> str:
    """Return the states in order, R and S as one letter."""
    return "".join(span.value for span in history.states).replace("R", "S")


# What the program does, and how the record shows it. 50 ms each, the shortest that is promised.
PHENOMENA: dict[str, tuple[str, Seen]] = {
    "a zombie of 50 ms": (
        "os.fork() or os._exit(7)\ntime.sleep(0.05); os.wait(); time.sleep(0.05)",
        in_child(lambda history: "Z" in states(history)),
    ),
    "an orphan's adoption": (
        "if os.fork(): time.sleep(0.05); os._exit(0)\ntime.sleep(0.15)",
        in_child(lambda history: bool(history.adoptions)),
    ),
    "SIGSTOP and SIGCONT": (
        "pid = os.fork() or time.sleep(9)\n"
        "for number in (19, 18, 9): time.sleep(0.05); os.kill(pid, number)\n"
        "os.wait()",
        in_child(lambda history: "STS" in states(history).replace("SS", "S")),
    ),
    "a renice": (
        "time.sleep(0.05); os.nice(5); time.sleep(0.05)",
        lambda trace: [span.value for span in trace.root.niceness] == [0, 5],
    ),
    "a D state of 50 ms": (
        "os.mkfifo(sys.argv[1])\n"
        "if os.fork() == 0: time.sleep(0.05); open(sys.argv[1], 'w'); os._exit(0)\n"
        "action = (os.POSIX_SPAWN_OPEN, 0, sys.argv[1], os.O_RDONLY, 0)\n"
        "os.posix_spawn('/bin/true', ['true'], {}, file_actions=[action]); os.wait(); os.wait()",
        lambda trace: "D" in states(trace.root),
    ),
    "a thread's birth and death": (
        "time.sleep(0.05); t = threading.Thread(target=time.sleep, args=(0.05,)); t.start(); t.join()\n"
        "time.sleep(0.05)",
        lambda trace: [span.value for span in trace.root.threads] == [1, 2, 1],
    ),
}


@contextlib.contextmanager
def busy_cores(count: int) -> Iterator[None]:
    """Run so many endless loops."""
    loops = [subprocess.Popen([sys.executable, "-S", "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def watch(program: str) -> Trace:
    """Record one run."""
    with tempfile.TemporaryDirectory() as folder:
        return record([sys.executable, "-S", "-c", PRELUDE + program, str(Path(folder) / "fifo")])


def main(runs: int = 100, loops: int = os.cpu_count() or 1) -> None:
    """Print a line for each phenomenon."""
    print(f"{runs} runs each, {os.cpu_count()} cores, {loops} endless loops; longest gap in a run: median, worst")
    with busy_cores(loops):
        for name, (program, seen) in PHENOMENA.items():
            traces = [watch(program) for _ in range(runs)]
            gaps = [trace.longest_gap * 1000 for trace in traces]
            count = sum(map(seen, traces))
            print(f"{name:28} {count:4}/{runs}   {statistics.median(gaps):5.1f} ms  {max(gaps):5.1f} ms", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
