"""`make drill`: how long each seat keeps whoever knocks at its door waiting, live, while fork bombs go off in others.

What knocks is in the gate (lab/door/pulse.py), so that nothing is left in a seat. The samples are kept for `make grade`
(lab/host/classroom/latency.py).
"""

import subprocess
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import docker
from rich.console import Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from lab.host import compose, project
from lab.host.classroom import latency
from lab.host.classroom.latency import Sample, percentile
from lab.host.command import LabError
from lab.host.step import console
from lab.language import tr, tr_count

PULSE = ("python3", "-I", "-m", "lab.door.pulse")
ENDS_WITHIN = 5.0  # seconds
REFRESHED = 2  # times a second
MINUTES = 5  # that the table is about, and that are kept in memory
NAMES_WIDTH, TIMES_WIDTH = 14, 7  # columns: two, four and a state, with a space between, are less than 80


def watch(engine: docker.DockerClient, as_json: bool) -> None:
    """Show what the doors say, and keep it, until Ctrl-C. Raises LabError."""
    containers = dict(sorted(project.seat_containers(engine).items()))
    names = {seat: container.labels.get(compose.NAME, "") for seat, container in containers.items()}
    doors = [f"{seat}:{container.attrs['Config']['User']}" for seat, container in containers.items()]
    gate = project.gate(engine).name or ""
    recent: dict[str, deque[Sample]] = {seat: deque() for seat in names}
    began = time.time()
    with suppress(KeyboardInterrupt), lines(gate, doors) as said, shown(names, recent, as_json):
        latency.FILE.parent.mkdir(exist_ok=True)
        with latency.FILE.open("a", encoding="utf-8") as file:
            for line in said:
                keep(recent, heard(line))
                file.write(line)
                file.flush()
                if as_json:
                    print(line, end="", flush=True)
        raise LabError(tr("The gate has stopped: make lab starts it."))
    if not as_json:
        console.print("\n".join(bombs(latency.read(since=began))), soft_wrap=True)


@contextmanager
def lines(gate: str, doors: Sequence[str]) -> Iterator[Iterator[str]]:
    """Have the gate knock at these doors; it stops with us, since its input does. Yields its lines as they come.

    It has a session of its own, so that Ctrl-C is ours alone.
    """
    process = subprocess.Popen(
        ["docker", "exec", "--interactive", "--user", "0", gate, *PULSE, *doors],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    assert process.stdin
    assert process.stdout
    with process:
        try:
            yield iter(process.stdout)
        finally:
            process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(ENDS_WITHIN)
            process.kill()


def heard(line: str) -> Sample:
    """Return the sample of a line. Raises LabError if it is what the engine or the gate has to complain about."""
    try:
        return latency.parse(line)
    except ValueError as error:
        said = line.strip()
        raise LabError(tr("The gate does not knock any more: {said}", said=said)) from error


def keep(recent: Mapping[str, deque[Sample]], sample: Sample) -> None:
    """Add a sample to its seat's, and forget those that are too old for the table."""
    seen = recent[sample.seat]
    seen.append(sample)
    while seen[0].at < sample.at - 60 * MINUTES:
        seen.popleft()


@contextmanager
def shown(names: Mapping[str, str], recent: Mapping[str, deque[Sample]], as_json: bool) -> Iterator[None]:
    """Show the table: on a terminal always as it is now, elsewhere once at the end; for programs not at all."""
    if console.is_terminal and not as_json:
        with Live(console=console, get_renderable=lambda: table(names, recent), refresh_per_second=REFRESHED):
            yield
        return
    try:
        yield
    finally:
        if not as_json:
            console.print(table(names, recent))


def table(names: Mapping[str, str], recent: Mapping[str, deque[Sample]]) -> Group:
    """Lay out what was seen of late, a row a seat in 80 columns: those first that are full now."""
    by_seat = {seat: list(recent[seat]) for seat in names}  # a copy: it goes on while we draw
    is_full = {seat: bool(seen) and seen[-1].state == "full" for seat, seen in by_seat.items()}
    drawn = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    number = sum(is_full.values())
    title = tr_count(
        len(names),
        "{n} seat, {number} full: how long `true` took in the last {minutes} min; Ctrl-C ends this",
        "{n} seats, {number} full: how long `true` took in the last {minutes} min; Ctrl-C ends this",
        number=number,
        minutes=MINUTES,
    )
    for name in (tr("seat"), tr("student")):
        drawn.add_column(name, no_wrap=True, overflow="ellipsis", max_width=NAMES_WIDTH)
    for name in (tr("now"), tr("median"), "95 %", tr("worst")):
        drawn.add_column(name, no_wrap=True, justify="right", max_width=TIMES_WIDTH)
    drawn.add_column(tr("state"), no_wrap=True, max_width=TIMES_WIDTH)
    for seat in sorted(names, key=lambda seat: not is_full[seat]):
        drawn.add_row(escape(seat), escape(names[seat]), *cells(by_seat[seat]))
    return Group(title, drawn)


def cells(seen: Sequence[Sample]) -> list[str]:
    """Return a row without its names: now, median, 95th percentile, worst, state."""
    if not seen:
        return []
    words = {
        "ok": "",
        "late": "[yellow]" + tr("late") + "[/]",
        "full": "[bold red]" + tr("FULL") + "[/]",
        "closed": "[yellow]" + tr("closed") + "[/]",
    }
    now = seen[-1]
    seconds = [sample.seconds for sample in seen if sample.is_latency]
    times = [duration(percentile(seconds, share)) if seconds else "-" for share in (50, 95, 100)]
    return [duration(now.seconds) if now.is_latency else "-", *times, words[now.state]]


def duration(seconds: float) -> str:
    """Return a time in at most seven columns."""
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def bombs(samples: Sequence[Sample]) -> Iterator[str]:
    """Yield a sentence for each seat that was full, or that none was."""
    seats = sorted({sample.seat for sample in samples if sample.state == "full"})
    for seat in seats:
        if found := latency.neighbours(samples, seat, since=0.0):
            median, worst = (duration(found["meanwhile"][key]) for key in ("median", "worst"))
            yield tr(
                "{seat} was full for {full:.0f} s: the others took {median} in the median, {worst} at worst",
                seat=seat,
                full=found["full"],
                median=median,
                worst=worst,
            )
    if not seats:
        yield tr("no seat was full")
