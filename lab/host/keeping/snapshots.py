"""Snapshots of the students' homes: `.lab/snapshots/SEAT/2026-11-24T15-04-05Z-REASON.tar.gz`.

One that has its name is whole: it is written under another, checked and forced to the disk, then renamed. The times of
a seat's snapshots only rise, whatever the clock does, so that the newest is the last by name.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import docker

from lab.host import lock, whole
from lab.host.command import GENERATED, LabError
from lab.host.keeping import keeper
from lab.host.keeping.keeper import Home
from lab.language import tr

FOLDER = GENERATED / "snapshots"
SUFFIX = ".tar.gz"
NAME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)-([a-z]+)\.tar\.gz")
TIME = "%Y-%m-%dT%H-%M-%SZ"
KEPT = 20  # a seat; and all that are younger than a day, but for those of rounds
YOUNG = timedelta(days=1)
UNDOING = "undoing.json"  # beside the snapshots: which one is being put back, and whether the home has been touched
PUT = "put.json"  # and which one was put back last, to its end
HAND = "hand"
ROUND = "round"  # the reason of those that `make snapshot EVERY=15` takes
LEFT = "left"  # and of what a host still had, when it came back, of a room that has gone elsewhere
UNASKED = ("interrupted", ROUND, LEFT)
BEFORE_PUT = ("undo", "import")  # taken before another one was put back


@dataclass(frozen=True)
class Snapshot:
    """One that is whole."""

    path: Path

    @property
    def seat(self) -> str:
        """Whose it is."""
        return self.path.parent.name

    @property
    def name(self) -> str:
        """What `make undo SNAPSHOT=` takes."""
        return self.path.name.removesuffix(SUFFIX)

    @property
    def when(self) -> datetime:
        """When it was begun."""
        return datetime.strptime(self.name[:20], TIME).replace(tzinfo=UTC)

    @property
    def reason(self) -> str:
        """What it was taken for: by hand, a round, before a restart, reset, factory, undo, import; imported, left."""
        return self.name[21:]

    @property
    def size(self) -> int:
        """Its bytes on the disk."""
        return self.path.stat().st_size

    def to_json(self) -> dict[str, str | int]:
        """Return it as JSON has it."""
        when = self.when.isoformat()
        return {"seat": self.seat, "name": self.name, "when": when, "reason": self.reason, "size": self.size}


@dataclass(frozen=True)
class Taken:
    """What taking one came to."""

    snapshot: Snapshot
    left_out: str  # what could not be kept, in words
    removed: list[str]  # older ones


def listed(seat: str) -> list[Snapshot]:
    """Return a seat's snapshots, oldest first."""
    found = sorted((FOLDER / seat).glob(f"*{SUFFIX}"))
    return [Snapshot(path) for path in found if NAME.fullmatch(path.name)]


def everyone() -> list[str]:
    """Name the seats that have snapshots, also those that have left the roster."""
    return sorted(path.name for path in FOLDER.glob("*") if path.is_dir() and listed(path.name))


def newest(seat: str) -> Snapshot | None:
    """Return what an undo puts back: the last that was asked for; what a round has taken only where there is no other.

    A home that an interrupted undo has left half is kept, but never meant, and what a lost host had left neither.
    """
    found = listed(seat)
    asked = [snapshot for snapshot in found if snapshot.reason not in UNASKED]
    return next(reversed(asked or [snapshot for snapshot in found if snapshot.reason == ROUND]), None)


def last(seat: str) -> Snapshot | None:
    """Return what is nearest to what the home was when it was last seen, for one that is lost."""
    if (meant := pending(seat)) and meant[1]:
        return meant[0]
    found = [snapshot for snapshot in listed(seat) if snapshot.reason not in ("interrupted", LEFT)]
    if found and found[-1].reason in BEFORE_PUT and (put := _noted(seat, PUT)):
        return put[0]
    return next(reversed(found), None)


def named(seat: str, name: str) -> Snapshot:
    """Return one by its name, with or without the suffix. Raises LabError."""
    for snapshot in listed(seat):
        if name.removesuffix(SUFFIX) == snapshot.name:
            return snapshot
    there = tr("make snapshots lists those that there are") if listed(seat) else tr("it has none")
    raise LabError(tr("{seat} has no snapshot {name!r}; {there}.", seat=seat, name=name, there=there))


def take(engine: docker.DockerClient, home: Home, reason: str) -> Taken:
    """Keep a home as it is now; the caller holds the lock. Raises LabError, OSError: then nothing has been added."""
    folder = FOLDER / home.seat
    for left in folder.glob("*.part"):
        left.unlink()  # by a make that was killed
    path = folder / f"{_next_time(home.seat)}-{reason}{SUFFIX}"
    with whole.written(path, private) as file:
        left_out = keeper.read(engine, home, file)
    _sync(folder)
    if reason in (HAND, "restart", "reset", "factory") and home.seat not in half():
        settle(home.seat)  # an undo that was killed before it began meant an older one
    return Taken(Snapshot(path), left_out, _remove_old(home.seat))


def add(seat: str, source: Path) -> Snapshot:
    """Make an imported home a snapshot of the seat; the caller holds the lock."""
    path = FOLDER / seat / f"{_next_time(seat)}-imported{SUFFIX}"
    source.rename(path)
    _sync(path.parent)
    return Snapshot(path)


@contextmanager
def locked(seat: str) -> Iterator[None]:
    """Be the only one at work on a seat's home; a killed make holds no lock. Raises LabError."""
    folder = FOLDER / seat
    folder.mkdir(parents=True, exist_ok=True)
    FOLDER.chmod(0o700)  # what a student wrote is the instructor's to see, not every user's of this machine

    def refuse() -> None:
        raise LabError(tr("Another make is at work on the home of {seat}: wait for it, or stop it.", seat=seat))

    with lock.locked(folder, refuse):
        yield


def pending(seat: str) -> tuple[Snapshot, bool] | None:
    """Return the snapshot that an interrupted undo was putting back, and whether it had begun to."""
    return _noted(seat, UNDOING)


def _noted(seat: str, name: str) -> tuple[Snapshot, bool] | None:
    try:
        told = json.loads((FOLDER / seat / name).read_text(encoding="utf-8"))
        return named(seat, told["snapshot"]), told["begun"]
    except (FileNotFoundError, LabError):  # or somebody has removed the snapshot
        return None


def half() -> list[str]:
    """Name the seats whose undo was interrupted when it had begun to change the home."""
    seats = sorted(path.parent.name for path in FOLDER.glob(f"*/{UNDOING}"))
    return [seat for seat in seats if (meant := pending(seat)) and meant[1]]


def intend(snapshot: Snapshot, *, begun: bool) -> None:
    """Note what is being put back, before it is."""
    part = snapshot.path.with_name(f"{UNDOING}.part")
    with part.open("w", encoding="utf-8") as file:
        json.dump({"snapshot": snapshot.name, "begun": begun}, file)
        file.flush()
        os.fsync(file.fileno())
    part.rename(snapshot.path.with_name(UNDOING))
    _sync(snapshot.path.parent)


def settle(seat: str) -> None:
    """Note that the home is whole, and what was to be put back is given up."""
    (FOLDER / seat / UNDOING).unlink(missing_ok=True)


def put(seat: str) -> None:
    """Note that what was to be put back is."""
    (FOLDER / seat / UNDOING).replace(FOLDER / seat / PUT)


def private(path: Path) -> IO[bytes]:
    """Make a file that this user alone may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _next_time(seat: str) -> str:
    now = datetime.now(UTC)
    if last := listed(seat)[-1:]:
        now = max(now, last[0].when + timedelta(seconds=1))
    return now.strftime(TIME)


def _remove_old(seat: str) -> list[str]:
    """Remove what is over KEPT, unless it is young or was, or is being, put back; return the names.

    Rounds are counted for themselves, and theirs go without a word, young or not.
    """
    found = listed(seat)
    rounds = [snapshot for snapshot in found if snapshot.reason == ROUND]
    others = [snapshot for snapshot in found if snapshot.reason != ROUND]
    spared = [noted[0] for noted in (_noted(seat, UNDOING), _noted(seat, PUT)) if noted]
    old = [snapshot for snapshot in others[:-KEPT] if datetime.now(UTC) - snapshot.when > YOUNG]
    for snapshot in (*old, *rounds[:-KEPT]):
        if snapshot not in spared:
            snapshot.path.unlink()
    return [snapshot.name for snapshot in old if snapshot not in spared]


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
