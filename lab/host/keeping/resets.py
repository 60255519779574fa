"""Restart, reset, factory reset, each with a snapshot first; and undo, which puts one back.

Whatever interrupts these, no snapshot is lost, and the same make target goes on from there: see docs/keeping.md.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import docker
from docker.models.containers import Container

from lab.host import project
from lab.host.command import LabError, reported
from lab.host.keeping import keeper, snapshots
from lab.host.keeping.snapshots import Snapshot, Taken
from lab.host.step import Step, size
from lab.host.together import each, refuse_failed
from lab.language import tr

T = TypeVar("T")
STOP_SECONDS = 3
NAMED = 3  # more seats than these are counted


def snapshot(step: Step, engine: docker.DockerClient, seats: list[str], reason: str = snapshots.HAND) -> None:
    """Keep the homes as they are; the students may work on. Raises LabError."""
    step.doing(tr("reading"))

    def keep(seat: str) -> Taken:
        with snapshots.locked(seat):
            return snapshots.take(engine, keeper.home(engine, seat), reason)

    told(step, tr("kept"), each(seats, keep, partial(keeper.stop_all, engine)), _kept, _notes)


def reset(step: Step, engine: docker.DockerClient, seats: list[str], kind: str, *, unkept: bool = False) -> None:
    """Restart the processes, make the container anew (reset), or the home too (factory). Raises LabError.

    `unkept` goes on where no snapshot can be taken.
    """
    step.doing(tr("keeping the home first"))
    done = _each_stopped(engine, seats, lambda seat: _keep_and_clear(engine, seat, kind, unkept))
    if ready := [seat for seat in done if not isinstance(done[seat], Exception)]:
        _start(step, engine, ready, anew=kind != "restart")
    told(step, f"{kind}:", done, _kept, _notes)


def undo(step: Step, engine: docker.DockerClient, seats: list[str], name: str = "") -> None:
    """Put back each seat's newest snapshot, or the named one, after taking one of what is there. Raises LabError."""
    _put_all_back(step, engine, seats, lambda seat: _undo(engine, seat, name))


def bring(step: Step, engine: docker.DockerClient, files: dict[str, Path]) -> None:
    """Make each seat's home what a file has, which is a snapshot from then on; undo takes it back. Raises LabError."""
    _put_all_back(step, engine, list(files), lambda seat: _undo(engine, seat, imported=files[seat]))


def _put_all_back(step: Step, engine: docker.DockerClient, seats: list[str], work: Callable[[str], Snapshot]) -> None:
    step.doing(tr("putting back"))
    done = _each_stopped(engine, seats, work)
    if ready := [seat for seat in done if not isinstance(done[seat], Exception) and project.container(engine, seat)]:
        _start(step, engine, ready)
    told(step, tr("put back"), done, lambda snapshot: snapshot.name)


def finish(step: Step, engine: docker.DockerClient) -> None:
    """Put back to the end what an interrupted undo has left half, before a student sees it. Raises LabError."""
    there = keeper.kept(engine)
    for seat in snapshots.half():
        if seat in there:
            step.doing(tr("finishing the undo of {seat}, which was interrupted", seat=seat))
            _undo(engine, seat, "")


def put_back(engine: docker.DockerClient, seat: str, snapshot: Snapshot) -> None:
    """Make a home what a snapshot has, so that an interruption is known; the caller holds the lock. Raises LabError."""
    snapshots.intend(snapshot, begun=True)
    try:
        with snapshot.path.open("rb") as file:
            keeper.put(engine, keeper.home(engine, seat), file)
    except keeper.NotPutError:
        snapshots.settle(seat)
        raise
    snapshots.put(seat)


@contextmanager
def stopped(engine: docker.DockerClient, seat: str) -> Iterator[Container | None]:
    """Stop a seat, so that nothing writes into its home; where that was for nothing, start it again."""
    container = project.container(engine, seat)
    if container:
        container.stop(timeout=STOP_SECONDS)
    try:
        yield container
    except BaseException:
        if container:
            container.start()
        raise


def _each_stopped(engine: docker.DockerClient, seats: list[str], work: Callable[[str], T]) -> dict[str, T | Exception]:
    """Do something in seats that it stops and leaves stopped; Ctrl-C starts them again."""
    with _started_again(engine, seats):
        return each(seats, work, partial(keeper.stop_all, engine))


def _start(step: Step, engine: docker.DockerClient, seats: list[str], *, anew: bool = False) -> None:
    step.doing(tr("starting"))
    with _started_again(engine, seats):
        project.start(step, engine, seats, anew=anew)


@contextmanager
def _started_again(engine: docker.DockerClient, seats: list[str]) -> Iterator[None]:
    """Start what is stopped when Ctrl-C ends the work on it."""
    try:
        yield
    except KeyboardInterrupt:
        for seat in seats:
            if container := project.container(engine, seat):
                container.start()
        raise


def told(
    step: Step,
    verb: str,
    done: dict[str, T | Exception],
    words: Callable[[T], str],
    notes: Callable[[T], list[str]] = lambda _: [],
) -> None:
    """Say what was done, seat by seat if they are few, and what is to be noted. Raises LabError where it was not."""
    good = {seat: outcome for seat, outcome in done.items() if not isinstance(outcome, Exception)}
    if good:
        few = ", ".join(f"{seat} ({words(outcome)})" for seat, outcome in good.items())
        many = tr("{count} seats", count=len(good))
        step.done(f"{verb} {few if len(good) <= NAMED else many}")
    for seat, outcome in good.items():
        if noted := notes(outcome):
            step.note(f"{seat}: {', '.join(noted)}")
    refuse_failed(done)


def _keep_and_clear(engine: docker.DockerClient, seat: str, kind: str, unkept: bool) -> Taken | None:
    with snapshots.locked(seat), stopped(engine, seat) as container:
        if container is None:
            raise LabError(tr("there is no container: make lab starts it"))
        if (meant := snapshots.pending(seat)) and meant[1]:
            put_back(engine, seat, meant[0])
        taken = None
        try:
            with reported():
                taken = snapshots.take(engine, keeper.home(engine, seat), kind)
        except LabError as error:
            if not unkept:
                without = tr(
                    "Nothing was changed. Without a snapshot: make {kind} SEAT={seat} YES=1", kind=kind, seat=seat
                )
                raise LabError(f"{error}\n{without}") from error
        if kind == "factory":
            keeper.furnish(engine, keeper.home(engine, seat))
        return taken


def _undo(engine: docker.DockerClient, seat: str, name: str = "", imported: Path | None = None) -> Snapshot:
    """Put back a snapshot. What is meant is noted first: killed at any point, the next undo means the same one."""
    with snapshots.locked(seat), stopped(engine, seat):
        wanted, begun = snapshots.pending(seat) or (snapshots.newest(seat), False)
        if imported:
            wanted = snapshots.add(seat, imported)
        elif name:
            wanted = snapshots.named(seat, name)
        if wanted is None:
            raise LabError(tr("there is no snapshot, so nothing to undo"))
        snapshots.intend(wanted, begun=begun)
        try:
            before = "import" if imported else "undo"
            snapshots.take(engine, keeper.home(engine, seat), "interrupted" if begun else before)
        except BaseException:
            if not begun:
                snapshots.settle(seat)
            if imported:
                wanted.path.unlink()
            raise
        put_back(engine, seat, wanted)
        return wanted


def _kept(taken: Taken | None) -> str:
    if taken is None:
        return tr("not kept, as you said")
    return f"{taken.snapshot.name}, {size(taken.snapshot.size)}"


def _notes(taken: Taken | None) -> list[str]:
    """Say what is not in a snapshot, and which older ones have gone."""
    if not taken:
        return []
    return [word for word in [taken.left_out] if word] + [tr("{name} was removed", name=name) for name in taken.removed]
