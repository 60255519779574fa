"""A room on its way to another host: its homes, transcript and board, packed on the one and unpacked on the other.

What is packed is in the room's folder here until all of it has arrived: whatever is killed, `make lab` goes on.
Of a host that is lost, what was last kept here is packed instead.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import docker
from docker.models.containers import Container

from lab.host import project, room
from lab.host.bringup import images
from lab.host.command import GENERATED, LabError
from lab.host.enrolment import homes, roster
from lab.host.enrolment.roster import Seat, write_private
from lab.host.keeping import keeper, resets, snapshots
from lab.host.keeping.keeper import Home
from lab.host.keeping.snapshots import SUFFIX
from lab.host.step import Step
from lab.host.together import each, refuse_failed
from lab.language import tr, tr_count

FOLDER = GENERATED / "moving"
HALF = GENERATED / "moving.part"
MANIFEST = "manifest.json"  # the hosts that it is for, and the UID of each home
BESIDE = ("transcript", "web")  # the volumes beside the homes; what is in the others is made anew
BESIDE_KEPT = GENERATED / "beside"  # what was in them at the last snapshot of all
A_ROUND = timedelta(minutes=2)  # snapshots that are no further apart are of one moment, to a person
KEPT = "/kept"


def pack(step: Step, engine: docker.DockerClient, to: str) -> None:
    """Keep what is in the volumes of a room that is down, for the host that ssh knows as `to`. Raises LabError."""
    if room.SSH in _manifest()["to"]:
        return _redirect(step, to)
    there = keeper.kept(engine)
    step.doing(tr_count(len(there), "reading {n} home", "reading {n} homes"))
    _begin()
    refuse_failed(each(there, lambda seat: _pack(engine, there[seat]), partial(keeper.stop_all, engine)))
    _read_beside(engine, HALF)
    _end(to, {seat: home.uid for seat, home in there.items()})
    return step.done(tr_count(len(there), "packed {n} home", "packed {n} homes"))


def pack_kept(step: Step, to: str) -> None:
    """Pack what was last kept here of a room whose host is lost, and say from when that is."""
    if FOLDER.exists():
        return _redirect(step, to)
    known = {seat.login: seat.uid for seat in roster.current()} if roster.in_force() else {}
    uids = roster.assign([*known, *snapshots.everyone()], known)
    kept = {seat: snapshot for seat in uids if (snapshot := snapshots.last(seat))}
    _begin()
    for seat, snapshot in kept.items():
        Path(HALF, f"{seat}{SUFFIX}").hardlink_to(snapshot.path)
    for path in BESIDE_KEPT.glob("*.tar"):
        shutil.copyfile(path, HALF / path.name)
    _end(to, {seat: uids[seat] for seat in kept})
    for sentence in _of_when({seat: snapshot.when for seat, snapshot in kept.items()}):
        step.note(sentence)
    if without := [seat for seat in uids if seat not in kept]:
        step.note(tr("nothing was kept of {seats}: what they find is new", seats=", ".join(without)))
    return step.done(tr_count(len(kept), "packed what was kept of {n} home", "packed what was kept of {n} homes"))


def keep_beside(engine: docker.DockerClient) -> None:
    """Keep here what a room has beside the homes, for the day on which its host is lost."""
    with TemporaryDirectory(dir=GENERATED, prefix="beside-") as folder:
        _read_beside(engine, Path(folder))
        BESIDE_KEPT.mkdir(exist_ok=True)
        for path in Path(folder).iterdir():
            path.replace(BESIDE_KEPT / path.name)


def leave(step: Step, engine: docker.DockerClient, *, lost: bool) -> None:
    """Stop what is left of this room on a host from which it has gone, and remove it. Raises LabError.

    What its students may have done there after it was given up as lost is kept as snapshots.
    """
    project.stop(step)
    if FOLDER.exists():
        raise LabError(tr("What is left of it there is stopped, and is removed once it is whole elsewhere: make lab"))
    if lost and (there := list(keeper.kept(engine))):
        resets.snapshot(step, engine, there, snapshots.LEFT)
    keeper.stop_all(engine)
    project.remove(engine)
    step.done(tr("what was left of it there is stopped and removed"))


def unpack(step: Step, engine: docker.DockerClient) -> None:
    """Put what is packed into the volumes of this room, if this is the host that it is for. Raises LabError."""
    if not FOLDER.exists():
        return
    manifest = _manifest()
    if room.SSH in manifest["to"]:
        uids = manifest["homes"]
        step.doing(tr_count(len(uids), "bringing {n} home", "bringing {n} homes"))
        homes.furnish(engine, [Seat(seat, "", "", uid) for seat, uid in uids.items()])
        refuse_failed(each(uids, partial(_unpack, engine), partial(keeper.stop_all, engine)))
        for path in FOLDER.glob("*.tar"):
            homes.create(engine, path.stem)
            with _beside(engine, path.stem) as container, path.open("rb") as file:
                container.put_archive(KEPT, file)
    shutil.rmtree(HALF, ignore_errors=True)
    FOLDER.rename(HALF)  # a move that was given up left it where it was: nothing of it is needed
    shutil.rmtree(HALF)


def _begin() -> None:
    shutil.rmtree(HALF, ignore_errors=True)
    HALF.mkdir(parents=True)


def _end(to: str, uids: dict[str, int]) -> None:
    write_private(HALF / MANIFEST, json.dumps({"to": [to], "homes": uids}))
    shutil.rmtree(FOLDER, ignore_errors=True)
    HALF.rename(FOLDER)


def _manifest() -> dict[str, Any]:
    """Return what is packed, and for which hosts: none, if nothing is."""
    try:
        found: dict[str, Any] = json.loads((FOLDER / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {"to": [], "homes": {}}
    return found


def _redirect(step: Step, to: str) -> None:
    """Let what has not all arrived on one host go to another: nobody has been in since it was packed."""
    found = _manifest()
    write_private(FOLDER / MANIFEST, json.dumps({**found, "to": [*found["to"], to]}))
    count = len(found["homes"])
    step.done(tr_count(count, "{n} home is packed already", "{n} homes are packed already"))


def _of_when(times: dict[str, datetime]) -> Iterator[str]:
    """Yield from when the homes are: all in one sentence if they are of one moment, else a sentence each."""
    if not times:
        return
    first = min(times.values())
    if max(times.values()) - first <= A_ROUND:
        yield tr_count(
            len(times), "{n} home is as it was at {when}", "{n} homes are as they were at {when}", when=_said(first)
        )
        return
    for seat, when in times.items():
        yield tr("{seat} is as it was at {when}", seat=seat, when=_said(when))


def _said(when: datetime) -> str:
    return f"{when.astimezone():%Y-%m-%d %H:%M}"


def _read_beside(engine: docker.DockerClient, folder: Path) -> None:
    for name in BESIDE:
        if engine.volumes.list(filters={"name": f"{project.PROJECT}_{name}", "label": project.IN_PROJECT}):
            with snapshots.private(folder / f"{name}.tar") as file, _beside(engine, name) as container:
                file.writelines(container.get_archive(f"{KEPT}/.")[0])


def _pack(engine: docker.DockerClient, home: Home) -> None:
    with snapshots.locked(home.seat), snapshots.private(HALF / f"{home.seat}{SUFFIX}") as file:
        keeper.read(engine, home, file)


def _unpack(engine: docker.DockerClient, seat: str) -> None:
    with snapshots.locked(seat), Path(FOLDER, f"{seat}{SUFFIX}").open("rb") as file:
        keeper.put(engine, keeper.home(engine, seat), file)


@contextmanager
def _beside(engine: docker.DockerClient, volume: str) -> Iterator[Container]:
    """Make a container that has a volume and is never started: the engine reads and writes files of such, too."""
    mounts = {f"{project.PROJECT}_{volume}": {"bind": KEPT, "mode": "rw"}}
    label = {keeper.KEEPER: project.PROJECT}  # so that one which a killed make has left is found
    container = engine.containers.create(images.SEAT_IMAGE, ["true"], network_mode="none", volumes=mounts, labels=label)
    try:
        yield container
    finally:
        container.remove(force=True)
