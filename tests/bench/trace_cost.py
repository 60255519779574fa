"""What watching costs: the CPU share of `lab trace` at 10 ms for 50 processes, beside top and ps at their fastest.

`python3 -m tests.bench.trace_cost [SECONDS]`. The 50 sleep, or each wakes up every 20 ms. `top -b -d 0.01`
is asked to look as often as the trace does, and `ps` in a loop is what a script would do. Printed: the share of a
core, the looks in a second, and the CPU time of a look, also as a multiple of the trace's.
"""

import contextlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from lab.trace import record

COUNT = 50
SLEEPING = "import time\ntime.sleep(999)"
TICKING = "import time\nwhile True: time.sleep(0.02)"
FORKING = f"import os, time\nfor _ in range({COUNT - 1}): os.fork() or exec(sys.argv[1])\nexec(sys.argv[1])"


@dataclass(frozen=True)
class Cost:
    """What one way of watching took."""

    cpu: float  # seconds
    seconds: float
    looks: int

    @property
    def each(self) -> float:
        """CPU milliseconds for one look at everybody."""
        return 1000 * self.cpu / self.looks


def command(program: str) -> list[str]:
    """Return a command that becomes 50 processes."""
    return [sys.executable, "-S", "-c", "import sys\n" + FORKING, program]


def used() -> float:
    """Return the CPU seconds of ourselves and of our children that have ended."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def cost_of_trace(program: str, seconds: float) -> Cost:
    """Trace the 50 for a time: the watcher, the leader, their start, and the first of the 50 are counted too."""
    before = used()
    trace = record(command(program), seconds=seconds)
    assert len(trace.processes) == COUNT
    return Cost(used() - before, trace.seconds, trace.samples)


def cost_of_top(program: str, seconds: float) -> Cost:
    """Let top look at the 50, and whatever else runs here, every 10 ms."""
    with crowd(program):
        before, start, looks = used(), time.monotonic(), int(seconds * 100)
        subprocess.run(["top", "-b", "-d", "0.01", "-n", str(looks)], stdout=subprocess.DEVNULL, check=True)
        return Cost(used() - before, time.monotonic() - start, looks)


def cost_of_ps(program: str, seconds: float) -> Cost:
    """Run one ps after the other."""
    columns = "pid,ppid,pgid,sid,stat,ni,nlwp,args"
    with crowd(program):
        before, start, looks = used(), time.monotonic(), 0
        while time.monotonic() < start + seconds:
            subprocess.run(["ps", "-e", "-o", columns], stdout=subprocess.DEVNULL, check=True)
            looks += 1
        return Cost(used() - before, time.monotonic() - start, looks)


@contextlib.contextmanager
def crowd(program: str) -> Iterator[None]:
    """Let the 50 run."""
    process = subprocess.Popen(command(program), start_new_session=True)
    try:
        yield
    finally:
        os.killpg(process.pid, 9)
        process.wait()


def main(seconds: float) -> None:
    """Print a line for each way and each crowd."""
    for crowd_name, program in (("sleeping", SLEEPING), ("ticking", TICKING)):
        ours = cost_of_trace(program, seconds)
        ways = {"lab trace": ours, "top": cost_of_top(program, seconds), "ps": cost_of_ps(program, seconds)}
        for name, cost in ways.items():
            print(
                f"{COUNT} {crowd_name}  {name:10} {100 * cost.cpu / cost.seconds:5.1f} % CPU "
                f"{cost.looks / cost.seconds:6.1f} looks/s  {cost.each:6.2f} ms a look  {cost.each / ours.each:5.1f} x",
                flush=True,
            )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
