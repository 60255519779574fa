"""What three hogs do to their neighbours: a login and a round trip of the chat, quiet, and beside them.

    python3 -m tests.bench.hogs [RUNS]

A fork bomb, a memory hog and a CPU hog run in three seats of a class at once. From a fourth, `ssh SEAT true` and a chat
message from it to a fifth are timed, RUNS times each (100 unless given). Printed: the median and the 95th percentile in
milliseconds, and the ratio of the 95th percentiles; and what the hogs had got by then.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.class_lab import ClassLab
from tests.clone import run

SEATS = ("bomb", "memory", "burner", "student", "friend")
HOGS = {
    # Nothing that is not counted against a limit: forks without end, pages without end, a loop on each core.
    "bomb": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "memory": "import os\nwhile True:\n    if os.fork() == 0: x = bytearray(4 << 30)\n    os.wait()",
    "burner": "import os\nfor _ in range(8): os.fork()\nwhile True: pass",
}
ROUND_TRIP = """
import socket, sys, time
def log_in(name):
    one = socket.socket(socket.AF_UNIX); one.connect("/run/chat/chat.sock")
    one.sendall(name.encode() + b"\\n"); return one, one.makefile("rb")
speaker, _ = log_in("speaker")
listener, lines = log_in("listener")
while b"welcome" not in lines.readline(): pass
for number in range(int(sys.argv[1])):
    began = time.monotonic()
    speaker.sendall(b"%d\\n" % number)
    while b"speaker : %d\\n" % number != lines.readline(): pass
    print(1000 * (time.monotonic() - began), flush=True)
    time.sleep(0.02)
"""


def logins(lab: ClassLab, runs: int) -> list[float]:
    """Return the milliseconds of each `ssh student true`."""
    took = []
    for _ in range(runs):
        began = time.monotonic()
        done = subprocess.run(lab.ssh("student", "true", key=".lab/instructor"), check=False, capture_output=True)
        assert done.returncode == 0, done.stderr
        took.append(1000 * (time.monotonic() - began))
    return took


def round_trips(lab: ClassLab, runs: int) -> list[float]:
    """Return the milliseconds from a message to its arrival at another client in a neighbour's seat."""
    command = ("docker", "exec", lab.container("student"), "python3", "-c", ROUND_TRIP, str(runs))
    done = run(*command)
    assert done.returncode == 0, done.stderr
    return [float(line) for line in done.stdout.split()]


def hog(lab: ClassLab, seat: str) -> None:
    """Start a hog in its seat."""
    done = run("docker", "exec", "--detach", lab.container(seat), "python3", "-c", HOGS[seat])
    assert done.returncode == 0, done.stderr


def ninety_fifth(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def main(runs: int = 100) -> None:
    """Print a line a measurement."""
    measures: dict[str, Callable[[ClassLab, int], list[float]]] = {"ssh seat true": logins, "chat": round_trips}
    with tempfile.TemporaryDirectory() as folder:
        lab = ClassLab(Path(folder), "forklab-hogs")
        try:
            lab.up(*((seat, seat, "") for seat in SEATS))
            quiet = {name: measure(lab, runs) for name, measure in measures.items()}
            for seat in HOGS:
                hog(lab, seat)
            time.sleep(3)  # until they have what they can get
            beside = {name: measure(lab, runs) for name, measure in measures.items()}
            rows = "{{.Name}} cpu {{.CPUPerc}} memory {{.MemUsage}} processes {{.PIDs}}"
            print(run("docker", "stats", "--no-stream", "--format", rows, *map(lab.container, HOGS)).stdout, end="")
            for name in measures:
                before, after = ninety_fifth(quiet[name]), ninety_fifth(beside[name])
                print(
                    f"{name:14} quiet {statistics.median(quiet[name]):7.2f} {before:7.2f} ms   beside hogs "
                    f"{statistics.median(beside[name]):7.2f} {after:7.2f} ms   ratio {after / before:.2f}"
                )
        finally:
            lab.remove()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
