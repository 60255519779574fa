"""The start of a class by its size: until all are ready, and each seat from its own start; beside bare containers.

    python3 -m tests.bench.class_start [--seats 1,30,60,120,200] [--rounds 2] [--json] [--plot docs/scale.svg]
    python3 -m tests.bench.class_start --at-work 30 --seats 200

The bare containers are as many, of the same image, with nothing but `sleep infinity`, brought up by compose too, before
the class and after it. A seat's own start is when the engine begins with it; it is ready when somebody listens behind
its door, and a bare one when it runs. Memory is what the cgroups are charged with (page cache too), and the share
(PSS) of the engine's processes for each container, a shim and docker-init; the server and the gate are in it.

--at-work: so many are there before the others come. What does `true` behind their doors take meanwhile, what before?
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from lab.host.bringup.images import PREFIX
from tests.bench.class_start_plot import plot
from tests.bench.sixty_seats import charged, pss, shim_pids
from tests.class_lab import ClassLab
from tests.clone import run
from tests.eventually import eventually

PROJECT = "forklab-start"
BARE = f"{PROJECT}-bare"
KINDS = ("class", "bare")
QUIET_SECONDS = 20.0
FIRST_UID = 20001


@dataclass
class Start:
    """One start of a class, or of as many bare containers."""

    what: str  # "class" or "bare"
    seats: int
    seconds: float  # from the command to its end
    p50: float  # of the seats, each from its own start, in seconds
    p95: float
    memory: float  # MiB, of all of it
    load: float  # the machine's, of the last minute, before
    own: list[float] = field(repr=False, default_factory=list)


def centile(values: Sequence[float], part: int) -> float:
    """Return the value that so many of a hundred stay below."""
    return statistics.quantiles(values, n=100, method="inclusive")[part - 1] if len(values) > 1 else values[0]


@contextmanager
def events(path: Path, project: str, count: int) -> Iterator[None]:
    """Let the engine write down what happens from now on, until so many seats of a project have been started."""
    words = ["docker", "events", f"--since={time.time():.9f}", "--format", "{{json .}}"]
    with path.open("w") as file, subprocess.Popen(words, stdout=file) as process:
        try:
            yield
            eventually(lambda: len(starts(told(path), project)) == count)
        finally:
            process.terminate()


def told(path: Path) -> list[dict[str, Any]]:
    """Return the events that are written down; the last line may not be whole yet."""
    return [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]


def starts(rows: Sequence[dict[str, Any]], project: str) -> list[dict[str, Any]]:
    """Return the events by which seats of a project were started; a bare one is called as a seat is."""
    started = [row for row in rows if (row["Type"], row["Action"]) == ("container", "start")]
    return [row for row in started if is_seat(row["Actor"]["Attributes"], project)]


def is_seat(attributes: dict[str, str], project: str) -> bool:
    """Tell whether a container's attributes are those of a seat of a project."""
    service = attributes.get("com.docker.compose.service", "")
    return attributes.get("com.docker.compose.project") == project and re.fullmatch(r"s\d+", service) is not None


def own_times(path: Path, project: str, ready: dict[str, float] | None = None) -> list[float]:
    """Return how long each seat took, from where the engine begins with it (its network) until it is ready, or runs."""
    rows = told(path)
    connected = [row for row in rows if (row["Type"], row["Action"]) == ("network", "connect")]
    began = {row["Actor"]["Attributes"]["container"]: row["timeNano"] / 1e9 for row in connected}
    ended = {
        row["Actor"]["ID"]: ready[row["Actor"]["Attributes"]["forklab.seat"]] if ready else row["timeNano"] / 1e9
        for row in starts(rows, project)
    }
    return sorted(ended[one] - began[one] for one in ended)


def memory(project: str) -> float:
    """Return the MiB of all containers of a project, the engine's processes for them included."""
    ids = run("docker", "ps", "--quiet", "--no-trunc", f"--filter=label=com.docker.compose.project={project}")
    found: list[dict[str, Any]] = json.loads(run("docker", "inspect", *ids.stdout.split()).stdout)
    shims = shim_pids()
    inits = {one["Id"]: one["State"]["Pid"] for one in found}
    return sum(charged(pid) + pss(pid) + pss(shims[name]) for name, pid in inits.items()) / 2**20


def bare(folder: Path, count: int) -> Start:
    """Bring up containers that only sleep; they are gone afterwards."""
    service = {"image": f"{PREFIX}/seat", "command": ["sleep", "infinity"], "network_mode": "none", "init": True}
    services = {f"s{number}": {**service, "pull_policy": "never"} for number in range(count)}
    path, seen = folder / "bare.json", folder / "events"
    path.write_text(json.dumps({"name": BARE, "services": services}))
    words = ("docker", "compose", "--file", str(path))
    load = os.getloadavg()[0]
    try:
        with events(seen, BARE, count):
            began = time.monotonic()
            up = run(*words, "up", "--detach", "--wait")
            took = time.monotonic() - began
            assert up.returncode == 0, up.stderr
        return _start("bare", count, took, own_times(seen, BARE), memory(BARE), load)
    finally:
        run(*words, "down", "--timeout", "0")


def class_of(folder: Path, count: int) -> Start:
    """Bring up a class; it is gone afterwards."""
    (folder / "class").mkdir()
    lab, seen, load = ClassLab(folder / "class", PROJECT), folder / "events", os.getloadavg()[0]
    try:
        with events(seen, PROJECT, count):
            began = time.monotonic()
            lab.up(*students(count))
            took = time.monotonic() - began
        own = own_times(seen, PROJECT, opened(lab, count))
        return _start("class", count, took, own, memory(PROJECT), load)
    finally:
        lab.remove()


def opened(lab: ClassLab, count: int) -> dict[str, float]:
    """Return when each seat's door was bound: somebody listens from then on. Seconds since 1970."""
    look = f"for n in $(seq {count}); do stat -c s$n:%.9Z /run/doors/$((20000 + n))/door.sock; done"
    found = run("docker", "exec", "--privileged", lab.container("gate"), "sh", "-c", look)
    assert found.returncode == 0, found.stderr
    return {seat: float(at) for seat, at in (line.split(":") for line in found.stdout.split())}


def _start(what: str, count: int, took: float, own: list[float], mib: float, load: float) -> Start:
    assert len(own) == count, f"{len(own)} of {count} have said that they are ready"
    return Start(what, count, took, centile(own, 50), centile(own, 95), mib, load, own)


def students(count: int) -> list[tuple[str, str, str]]:
    return [(f"s{number}", f"学生 {number}", "") for number in range(1, count + 1)]


def curve(counts: Sequence[int], rounds: int) -> Iterator[Start]:
    """Yield every start as it has been seen: bare, class, bare, for each size, and all of that again."""
    for count in [*counts] * rounds:
        for begin in (bare, class_of, bare):
            with tempfile.TemporaryDirectory() as folder:
                yield begin(Path(folder), count)


def at_work(there: int, count: int) -> dict[str, float]:
    """Return what `true` behind a door takes while all is quiet, and while the others come; in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        lab, seen = ClassLab(Path(folder), PROJECT), Path(folder, "knocks")
        try:
            lab.up(*students(there))
            with seen.open("w") as file, knocking(lab, there, file):
                eventually(lambda: seen.stat().st_size)
                time.sleep(QUIET_SECONDS)
                began = time.time()
                lab.up(*students(count))
                ended = time.time()
            rows = [json.loads(line) for line in seen.read_text().splitlines()]
        finally:
            lab.remove()
    taken = {
        "quiet": [row["seconds"] for row in rows if row["at"] < began],
        "others start": [row["seconds"] for row in rows if began <= row["at"] <= ended],
    }
    figures = {f"{name} p{part}": centile(values, part) for name, values in taken.items() for part in (50, 95)}
    return {"seconds": ended - began, **figures}


@contextmanager
def knocking(lab: ClassLab, count: int, file: IO[str]) -> Iterator[None]:
    """Have the gate knock at each door once a second, as `make drill` does."""
    doors = [f"s{number + 1}:{FIRST_UID + number}:{FIRST_UID + number}" for number in range(count)]
    words = ["docker", "exec", "--interactive", lab.container("gate"), "python3", "-Im", "lab.door.pulse", *doors]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=file) as process:
        try:
            yield
        finally:
            process.communicate()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seats", default="1,30,60,120,200", help="class sizes")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--at-work", type=int, default=0, metavar="SEATS")
    parser.add_argument("--json", action="store_true", help="each start as a line")
    parser.add_argument("--plot", type=Path, metavar="SVG")
    options = parser.parse_args()
    counts = [int(word) for word in options.seats.split(",")]
    if options.at_work:
        print(json.dumps({name: round(value, 4) for name, value in at_work(options.at_work, counts[-1]).items()}))
        return
    starts = []
    for start in curve(counts, options.rounds):
        starts.append(start)
        print(json.dumps(asdict(start)) if options.json else start, flush=True)
    for count in counts:
        took = {what: [one.seconds for one in starts if one.what == what and one.seats == count] for what in KINDS}
        print(f"{count} seats: {statistics.mean(took['class']) / statistics.mean(took['bare']):.2f} of the bare")
    if options.plot:
        options.plot.write_text(plot([(one.what, one.seats, one.seconds, one.p95, one.memory) for one in starts]))


if __name__ == "__main__":
    main()
