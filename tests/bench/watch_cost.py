"""What `watch` costs: its share of a core and its memory, by how many processes the seats have and what these do.

`python3 -m tests.bench.watch_cost [SECONDS]`. Sixty seats of plain processes on this machine, and one reader who reads
all: nobody is looked at, one seat is, all are. Of the seats' processes some sleep, all of them wake up every 20 ms, or
each seat starts a new one every 50 ms.
"""

import re
import sys
import time
from pathlib import Path

from lab.proc import TICKS_PER_SECOND, pids, read_stat
from tests.watching import Reader, Watch, watching

SEATS = [f"s{number:02}" for number in range(60)]
SLEEPING = "time.sleep(999)"
TICKING = "while True: time.sleep(0.02)"
STARTING = "while True: (os.fork() or os._exit(0)); os.wait(); time.sleep(0.05)"
CROWD = "import os, time\nfor _ in range({others}): os.fork() or exec({program!r})\nexec({program!r})"
KINDS = (
    ("2 that sleep", 1, SLEEPING),
    ("10 that sleep", 9, SLEEPING),
    ("10 that wake up", 9, TICKING),
    ("1 that starts", 0, STARTING),
)
LOOKED_AT: tuple[tuple[str, list[str]], ...] = (("nobody", []), ("one seat", SEATS[:1]), ("all seats", SEATS))


def main(seconds: float) -> None:
    """Print a line for each kind of class, and how many of it are looked at."""
    print(
        f"{'each of 60 seats':18} {'looked at':10} {'machine':>8} {'CPU':>7} {'frames/s':>9} {'kB/s':>7} {'memory':>8}"
    )
    for name, others, program in KINDS:
        with watching() as watch, watch.reader() as reader:
            for seat in SEATS:
                watch.python(CROWD.format(others=others, program=program), seat=seat)
            while min(len(reader.rows(seat)) for seat in SEATS) < others + 1:
                reader.frame()
            for who, looked_at in LOOKED_AT:
                reader.look(*looked_at)
                print(f"{name:18} {who:10} {len(pids()):8} {measured(watch, reader, seconds)}", flush=True)


def measured(watch: Watch, reader: Reader, seconds: float) -> str:
    """Return what a time of it costs, as the cells of a line."""
    until(reader, time.monotonic() + 1)
    before, began = ticks(watch), time.monotonic()
    frames, size = until(reader, began + seconds)
    took = time.monotonic() - began
    share = (ticks(watch) - before) / TICKS_PER_SECOND / took
    status = Path(f"/proc/{watch.process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s*(\d+)", status)
    assert found
    return f"{share:7.1%} {frames / took:9.1f} {size / took / 1e3:7.1f} {int(found[1]) / 1024:5.1f} MB"


def until(reader: Reader, end: float) -> tuple[int, int]:
    """Read until then; return how many frames there were, and their bytes."""
    frames = size = 0
    while time.monotonic() < end:
        frames, size = frames + 1, size + len(reader.lines.readline())
    return frames, size


def ticks(watch: Watch) -> int:
    """Return the CPU ticks that it has had."""
    stat = read_stat(watch.process.pid)
    assert stat
    return stat.cpu


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0)
