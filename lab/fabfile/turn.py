"""What every task stands on: its turn among others, its errors as sentences, and which seats are meant."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
from invoke.exceptions import Exit

from lab.host import owner, project, room, settings
from lab.host.bringup import bundle, engine
from lab.host.command import LabError, reported
from lab.host.lock import locked
from lab.host.python import ROOT
from lab.host.step import Step, console, step
from lab.language import tr
from lab.student.usage import UsageError


@contextmanager
def told() -> Iterator[None]:
    """Turn an error into its sentence and exit code 2; Ctrl-C into 130."""
    try:
        with reported():
            yield
    except (LabError, UsageError, settings.SettingError, bundle.BundleError) as error:
        raise Exit(str(error), code=2) from error
    except KeyboardInterrupt as error:
        stopped = tr("stopped; nothing is lost: run the same make target again")
        raise Exit(f"\n{stopped}", code=130) from error


@contextmanager
def turn(name: str, *, shared: bool = False) -> Iterator[Step]:
    """Open a step while no other make is at work on this lab, or (shared) only those that see to single seats."""

    def wait() -> None:
        console.print(tr("another make is at work here: waiting for it …"))

    folder = room.FOLDER if room.NAME else ROOT
    folder.mkdir(parents=True, exist_ok=True)
    with told(), locked(folder, wait, shared=shared), step(name) as current:
        try:
            yield current
        finally:
            owner.give_back(ROOT, room.CLASS.name)


def ours() -> docker.DockerClient:
    """Return a client to the engine, on which the lab of this name is this folder's or nobody's. Raises LabError."""
    found = engine.client()
    project.refuse_foreign(found)
    return found


def chosen_seats(known: Iterable[str], seat: str, everyone: bool) -> list[str]:
    """Return the seats that are meant: one, or all if that is said."""
    there = sorted(known)
    if everyone and there:
        return there
    if seat in there:
        return [seat]
    raise project.no_such_seat([seat] if seat else [], there, tr("SEAT=… or ALL=1"))


def tool(name: str) -> str:
    """Return the path of a program of the .venv."""
    return str(Path(sys.prefix, "bin", name))
