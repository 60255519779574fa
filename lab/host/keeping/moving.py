"""A room on its way to another host: its homes, transcript and board, packed on the one and unpacked on the other.

What is packed is in the room's folder here until all of it has arrived: whatever is killed, `make lab` goes on.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import docker
from docker.models.containers import Container

from lab.host import project, room
from lab.host.bringup import images
from lab.host.command import GENERATED, LabError
from lab.host.enrolment import homes
from lab.host.enrolment.roster import Seat
from lab.host.keeping import keeper, snapshots
from lab.host.keeping.keeper import Home
from lab.host.keeping.snapshots import SUFFIX
from lab.host.step import Step
from lab.host.together import each
from lab.language import tr_count

FOLDER = GENERATED / "moving"
HALF = GENERATED / "moving.part"
MANIFEST = "manifest.json"  # where to, and the UID of each home
BESIDE = ("transcript", "web")  # the volumes beside the homes; what is in the others is made anew
KEPT = "/kept"


def pack(step: Step, engine: docker.DockerClient, to: str) -> None:
    """Keep what is in the volumes of a room that is down, for the host that ssh knows as `to`. Raises LabError."""
    there = keeper.kept(engine)
    step.doing(tr_count(len(there), "reading {n} home", "reading {n} homes"))
    shutil.rmtree(HALF, ignore_errors=True)
    HALF.mkdir(parents=True)
    _refuse_failed(each(there, lambda seat: _pack(engine, there[seat]), partial(keeper.stop_all, engine)))
    for name in BESIDE:
        if engine.volumes.list(filters={"name": f"{project.PROJECT}_{name}", "label": project.IN_PROJECT}):
            with snapshots.private(HALF / f"{name}.tar") as file, _beside(engine, name) as container:
                file.writelines(container.get_archive(f"{KEPT}/.")[0])
    manifest = {"to": to, "homes": {seat: home.uid for seat, home in there.items()}}
    (HALF / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    shutil.rmtree(FOLDER, ignore_errors=True)
    HALF.rename(FOLDER)
    step.done(tr_count(len(there), "packed {n} home", "packed {n} homes"))


def unpack(step: Step, engine: docker.DockerClient) -> None:
    """Put what is packed into the volumes of this room, if this is the host that it is for. Raises LabError."""
    if not FOLDER.exists():
        return
    manifest = json.loads((FOLDER / MANIFEST).read_text(encoding="utf-8"))
    if manifest["to"] == room.SSH:
        uids = manifest["homes"]
        step.doing(tr_count(len(uids), "bringing {n} home", "bringing {n} homes"))
        homes.furnish(engine, [Seat(seat, "", "", uid) for seat, uid in uids.items()])
        _refuse_failed(each(uids, partial(_unpack, engine), partial(keeper.stop_all, engine)))
        for path in FOLDER.glob("*.tar"):
            homes.create(engine, path.stem)
            with _beside(engine, path.stem) as container, path.open("rb") as file:
                container.put_archive(KEPT, file)
    shutil.rmtree(HALF, ignore_errors=True)
    FOLDER.rename(HALF)  # a move that was given up left it where it was: nothing of it is needed
    shutil.rmtree(HALF)


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
    container = engine.containers.create(images.SEAT_IMAGE, ["true"], network_mode="none", volumes=mounts)
    try:
        yield container
    finally:
        container.remove(force=True)


def _refuse_failed(done: dict[str, Exception | None]) -> None:
    if bad := [f"{seat}: {outcome}" for seat, outcome in done.items() if outcome is not None]:
        raise LabError("\n".join(bad))
