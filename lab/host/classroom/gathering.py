"""`make grade`, its first half: the evidence of every exercise in every seat, gathered by root in the seat.

What looks is the image's own, which is read-only: nothing that a student could alter. It starts before the student's
program, runs it as the student, and says what it saw, a line an exercise; what that is worth is judged by
checks/grading, now or at any later time. A seat that is down or hangs costs its own exercises, and nobody else's.
"""

import gzip
import json
import os
import select
import shutil
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.utils.socket import STDOUT, frames_iter
from requests import ConnectionError as NotConnectedError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from lab.exercises import EXERCISES
from lab.host import compose, execution, project
from lab.host.bringup import images
from lab.host.classroom import latency
from lab.host.command import LabError
from lab.host.enrolment import roster
from lab.host.lock import locked
from lab.host.step import console
from lab.language import tr
from lab.student.seed import Values, values_of

AT_ONCE = 5 * (os.cpu_count() or 1)  # seats: a check is 0.16 s of CPU in 1.2 s, so this keeps a machine half busy
SHARES = 8192  # of the CPU, for a seat while it is graded: other seats may have endless loops, which is an exercise
USUAL_SHARES = 1024  # as compose.yaml says
PATIENCE = 120.0  # seconds without a line, after which a seat is given up
LOOK = 1.0  # seconds between two looks at whether the grading has been stopped meanwhile
NOTICED = 3.0  # seconds in which the engine notices that a container has ended
COMES_BACK = 30.0  # seconds that a seat is given to be there again, if a program has ended it
LONGEST = 16_000_000  # bytes of a line
SUFFIX = ".json.gz"
NEW = ".new"  # in the folder: what has come of a grading that is at work
BOMB = "fork-bomb"  # the exercise
OBSERVE = ("python3", "-I", "-m", "checks.exercises", "observe")


@dataclass
class Gathered:
    """A seat's evidence, as it is kept: slug → values, evidence, seconds."""

    seat: str
    name: str
    version: str
    began: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    exercises: dict[str, Any] = field(default_factory=dict)

    def add(self, slug: str, values: Values, evidence: Mapping[str, Any], seconds: float = 0.0) -> None:
        """Keep what was seen of an exercise."""
        self.exercises[slug] = {"values": dict(values), "seconds": seconds, "evidence": evidence}

    def complete(self, folder: Path) -> None:
        """Add what an earlier grading, by the same version, has left of exercises that this one did not look at."""
        try:
            with gzip.open(folder / f"{self.seat}{SUFFIX}", "rt", encoding="utf-8") as file:
                earlier = json.load(file)
        except (OSError, EOFError, ValueError):
            return
        if earlier["version"] == self.version:
            self.exercises = earlier["exercises"] | self.exercises

    def write(self, folder: Path) -> None:
        """Write it to a file of the seat's name."""
        with gzip.open(folder / f"{self.seat}{SUFFIX}", "wt", encoding="utf-8", compresslevel=6) as file:
            json.dump(self.__dict__, file, ensure_ascii=False)


class LostError(Exception):
    """The line into a seat broke, or nothing came any more; the text says which."""


def gather(engine: docker.DockerClient, seats: Sequence[str], slugs: Sequence[str], folder: Path) -> None:
    """Write the evidence of the seats, all if none is named, to the folder. Raises LabError.

    What was not asked for, another seat or another exercise, stays as an earlier grading has left it.
    """
    containers = chosen(engine, seats)
    is_whole = not seats and not slugs
    slugs = slugs or EXERCISES
    stop = threading.Event()
    with (
        locked(prepared(folder), refuse),
        renewed(folder, is_whole=is_whole) as new,
        bar() as progress,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        task = progress.add_task("grading", total=len(containers) * len(slugs))
        drilled = latency.read()
        running = {
            pool.submit(grade_seat, engine, container, slugs, stop, lambda: progress.advance(task)): container
            for container in containers
        }
        try:
            for done in as_completed(running):
                gathered = done.result()
                add_neighbours(gathered, drilled, running[done])
                if not is_whole:
                    gathered.complete(folder)
                gathered.write(new)
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise


def refuse() -> None:
    """Raise the LabError of a second grading: its programs and those of the first would meet in the seats."""
    raise LabError(tr("Another make grade is at work: wait for it, or stop it."))


def prepared(folder: Path) -> Path:
    """Return the folder, once there is room in it for new evidence. Raises LabError if there cannot be."""
    try:
        (folder / NEW).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = error.strerror
        raise LabError(
            tr("Nothing was graded, since no evidence can be kept in {folder}: {why}", folder=folder, why=why)
        ) from error
    return folder


@contextmanager
def renewed(folder: Path, *, is_whole: bool = True) -> Iterator[Path]:
    """Yield a folder for new evidence, which takes the place of the old when it is complete, and not before.

    If it is not of the whole class, what there is of other seats stays.
    """
    new = folder / NEW
    for left in new.iterdir():
        left.unlink()  # by a make that was killed
    try:
        yield new
        complete = [path.name for path in new.iterdir()]
        for name in complete:
            (new / name).replace(folder / name)
        for old in folder.glob(f"*{SUFFIX}"):
            if is_whole and old.name not in complete:
                old.unlink()
    finally:
        shutil.rmtree(new)


def bar() -> Progress:
    """Return the progress bar, which is shown on a terminal alone."""
    columns = (TextColumn("[bold]{task.description}"), BarColumn(None), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)


def chosen(engine: docker.DockerClient, seats: Sequence[str]) -> list[Container]:
    """Return the containers of the seats, all if none is named, running or not. Raises LabError if one has none."""
    found = project.seat_containers(engine)
    if not found:
        raise project.is_down()
    everyone = [seat.login for seat in roster.current()]
    if lost := [seat for seat in everyone if seat not in found and seat in (seats or everyone)]:
        names = ", ".join(lost)
        raise LabError(
            tr("There is no container of {names}: make lab makes it, or grade the others: SEATS=…", names=names)
        )
    if unknown := [seat for seat in seats if seat not in found]:
        raise project.no_such_seat(unknown, sorted(found))
    picked = [found[seat] for seat in sorted(seats or found)]
    images.refuse_outdated(picked)
    return picked


def grade_seat(
    engine: docker.DockerClient, container: Container, slugs: Sequence[str], stop: threading.Event, tick: Any
) -> Gathered:
    """Return a seat's evidence."""
    seat = container.labels[compose.SEAT]
    gathered = Gathered(seat, container.labels.get(compose.NAME, ""), images.version())
    with preferred(container):
        observe(engine, container, slugs, gathered, stop, tick)
    return gathered


@contextmanager
def preferred(container: Container) -> Iterator[None]:
    """Have a seat served before those that wait for their turn.

    What it has afterwards is not what it had before: an earlier grading may have been killed in the middle.
    """
    share(container, SHARES)
    try:
        yield
    finally:
        share(container, USUAL_SHARES)


def share(container: Container, shares: int) -> None:
    """Give a seat a share of the CPU, if it is there."""
    with suppress(APIError):
        container.update(cpu_shares=shares)


def observe(
    engine: docker.DockerClient,
    container: Container,
    slugs: Sequence[str],
    gathered: Gathered,
    stop: threading.Event,
    tick: Any,
) -> None:
    """Add to the evidence, for each exercise, what was seen, or why nothing was. Raises NotConnectedError.

    Whose program runs when the seat ends is tried again, before all others: another's may have ended it a moment ago.
    """
    values = {slug: values_of(slug, seed_of(container)) for slug in slugs}
    suspects: set[str] = set()

    def keep(slug: str, evidence: Mapping[str, Any], seconds: float = 0.0) -> None:
        gathered.add(slug, values[slug], evidence, seconds)
        tick()

    while left := [slug for slug in slugs if slug not in gathered.exercises]:
        first = sorted(left, key=lambda slug: slug not in suspects)
        asked = request(container, {slug: values[slug] for slug in first})
        doing, why = heard(engine, container, asked, stop, keep)
        if doing and came_back(container):
            if doing in suspects:
                keep(doing, {"traces": [], "trouble": ["seat-ended", ""]})
            suspects.add(doing)
            continue
        for slug in left:
            if slug not in gathered.exercises:
                keep(slug, {"traces": [], "trouble": ["could-not-run", why]})


def heard(
    engine: docker.DockerClient, container: Container, asked: str, stop: threading.Event, keep: Any
) -> tuple[str, str]:
    """Keep what an observer says; return what it was doing when it fell silent, "" if nothing, and why it did.

    Raises NotConnectedError.
    """
    doing = ""
    try:
        for line in answers(engine, container, asked, stop):
            doing = line.get("doing", "")
            if not doing:
                keep(line["slug"], line["evidence"], line["seconds"])
    except NotConnectedError:  # the engine has gone, and with it all seats
        raise
    except (LostError, APIError, OSError, ValueError) as error:
        return doing, str(error)
    return doing, "the observer ended without a word"


def add_neighbours(gathered: Gathered, drilled: Sequence[latency.Sample], container: Container) -> None:
    """Complete the evidence of a fork bomb, which a seat has of itself alone: what `make drill` has seen of the others.

    Only since the seat was started: its count of refused forks begins there too.
    """
    evidence = gathered.exercises.get(BOMB, {}).get("evidence", {})
    if "neighbours" in evidence:
        started = datetime.fromisoformat(container.attrs["State"]["StartedAt"][:19]).replace(tzinfo=UTC)
        evidence["neighbours"] = latency.neighbours(drilled, gathered.seat, started.timestamp())


def seed_of(container: Container) -> str:
    """Return the seed that the seat was given, which the student cannot change: else its login, as in the seat."""
    entries = dict(entry.partition("=")[::2] for entry in container.attrs["Config"]["Env"] or [])
    return entries.get("LAB_SEED") or str(container.labels[compose.SEAT])


def request(container: Container, exercises: Mapping[str, Values]) -> str:
    """Return what the observer in the seat is asked."""
    seat = container.labels[compose.SEAT]
    uid, _, gid = container.attrs["Config"]["User"].partition(":")
    user = {"uid": int(uid), "gid": int(gid or uid)}
    return json.dumps({"seat": seat, "home": f"/home/{seat}", "exercises": exercises} | user)


def came_back(container: Container) -> bool:
    """Tell whether the seat was started anew, which is what happens when a program ends all of it; wait for that."""
    before, began = container.attrs["State"]["StartedAt"], time.monotonic()
    while time.monotonic() < began + COMES_BACK:
        try:
            container.reload()
        except (APIError, NotFound):
            return False
        state = container.attrs["State"]
        if state["Running"] and state["StartedAt"] != before:
            return True
        if state["Running"] and time.monotonic() > began + NOTICED:
            return False
        time.sleep(0.2)
    return False


def answers(
    engine: docker.DockerClient, container: Container, asked: str, stop: threading.Event
) -> Iterator[dict[str, Any]]:
    """Have root observe in the seat, and yield its lines as they come. Raises LostError, APIError, OSError."""
    container.reload()
    if container.status != "running":
        raise LostError(f"the seat is {container.status}")
    made = engine.api.exec_create(container.id, [*OBSERVE, asked], user="0", privileged=True)
    said = execution.Said(engine.api, made["Id"])
    try:
        for line in lines(said, stop):
            yield json.loads(line)
    finally:
        said.close()
    if code := engine.api.exec_inspect(made["Id"])["ExitCode"]:
        raise LostError(f"the observer ended with {code}")


def lines(connection: socket.socket | execution.Said, stop: threading.Event) -> Iterator[bytes]:
    """Yield the lines of stdout; the end of stderr is the text of a LostError if they stop half-way."""
    rest, complaint = b"", b""
    for kind, data in frames_iter(Patient(connection, stop), tty=False):  # type: ignore[no-untyped-call]
        if kind != STDOUT:
            complaint = (complaint + data)[-500:]
            continue
        *whole, rest = (rest + data).split(b"\n")
        yield from whole
        if len(rest) > LONGEST:
            raise LostError("the observer said too much")
    if rest or complaint:
        raise LostError((complaint or rest[:200]).decode(errors="replace").strip().splitlines()[-1])


class Patient:
    """A connection as docker's `frames_iter` reads one: that would wait for ever, this does for PATIENCE or to `stop`.

    Before each piece it asks for the descriptor, to wait until there is something to read.
    """

    def __init__(self, connection: socket.socket | execution.Said, stop: threading.Event) -> None:
        self._connection = connection
        self._stop = stop

    def fileno(self) -> int:
        """Return the descriptor, once there is something to read. Raises LostError."""
        began, poll = time.monotonic(), select.poll()
        poll.register(self._connection, select.POLLIN)
        while not self._stop.is_set():
            if poll.poll(1000 * LOOK):
                return self._connection.fileno()
            if time.monotonic() > began + PATIENCE:
                raise LostError(f"nothing came from the seat for {PATIENCE:.0f} s")
        raise LostError("stopped")

    def recv(self, most: int) -> bytes:
        """Return what has come."""
        return self._connection.recv(most)
