"""From a bare machine to a running lab, and back to nothing."""

import os
import shutil
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from fabric import task
from invoke.context import Context
from rich.markup import escape

from lab.fabfile import spreading
from lab.fabfile.in_rooms import Style, in_rooms, is_spread
from lab.fabfile.turn import ours, told, turn
from lab.host import project, room, settings
from lab.host.bringup import base_image, bundle, bundling, engine, images
from lab.host.command import GENERATED, LabError
from lab.host.enrolment import bounds, enrol, host_key, keys, links
from lab.host.enrolment.roster import Seat
from lab.host.enrolment.roster import read as read_roster
from lab.host.hosts import inventory
from lab.host.keeping import keeper, moving, resets, snapshots
from lab.host.python import ROOT
from lab.host.step import console
from lab.language import tr


@task(name="engine")
def engine_task(_: Context) -> None:
    """Install the container engine, if need be, and start it."""
    with told():
        _take_in_bundle()
    with turn("engine") as current:
        engine.ensure(current)


@task(name="images")
def images_task(context: Context) -> None:
    """Build the images, if what they are made of has changed."""
    engine_task(context)
    if bundle.is_here():
        with turn("bundle") as current:
            images.load(current, engine.client())
    with turn("base") as current:
        base_image.ensure(current)
    with turn("images") as current:
        images.ensure(current, engine.client())


def _take_in_bundle() -> None:
    """Unpack what `make lab BUNDLE=FILE` names, once, and ask for the images that the bundle here has."""
    bundle.take_in(os.environ.pop("BUNDLE", ""))
    if bundle.is_here() and "LAB_PACKAGES" not in settings.environment():
        os.environ["LAB_PACKAGES"] = bundle.manifest().seats_packages  # others would have to be built


@task(name="bundle")
def bundle_task(context: Context, file: str = "") -> None:
    """Write all that a machine without a network needs into one archive."""
    with told():
        path = bundling.target(file)
    images_task(context)
    with turn("bundle") as current:
        bundling.write(current, path)


@task
def lab(context: Context, roster: str = "", packages: str = "", hosts: str = "") -> None:
    """Bring the lab up: the server, the gate and the seats, until all are healthy."""
    path = Path(roster).expanduser() if roster else None
    with told():
        if packages:
            os.environ["LAB_PACKAGES"] = "" if packages == "none" else " ".join(packages.replace(",", " ").split())
        if path:
            read_roster(path)  # its faults are told before anything is done
        _take_in_bundle()
        settings.told()  # so are theirs
        links.refuse_plain()
        if hosts == inventory.NONE:
            spreading.back_to_one()
        elif hosts:
            inventory.read(Path(hosts).expanduser())
    if not room.NAME:
        images_task(context)
    if hosts not in ("", inventory.NONE) or is_spread():
        spreading.bring_up(path, hosts)
    else:
        _bring_up(path)


def _bring_up(path: Path | None) -> None:
    """Bring up this machine's lab, or this room."""
    with turn("seats") as current:
        found = ours()
        is_first = not project.homes(found)
        links.choose_port(found)
        moving.unpack(current, found)
        seats = enrol.enrol(found, path)
        resets.finish(current, found)
        project.up(current, found, len(seats))
        host_key.settle(current, found)
        keys.hand_over(found, seats)
        if project.is_in_browser():
            links.hand_over_certificate(found)
            board = links.hand_over(found, seats)["*"]
        for sentence in enrol.left(found) if path else []:
            console.print(f"         {escape(sentence)}", soft_wrap=True)
        if room.NAME:
            console.print(f"ssh -p {project.port(found)} {seats[0].login}@{room.ADDRESS}", soft_wrap=True)
            return
        if is_first or os.environ.get("LAB_HOME_SIZE"):
            console.print(f"         {escape(bounds.said(found))}", soft_wrap=True)
        _say_how_to_enter(seats, project.port(found))
        if project.is_in_browser():
            print(tr("\nThe class in a browser: the board"))
            console.print(f"  [bold]{board}[/bold]", soft_wrap=True)
            print(
                tr("a link for each seat is in {file}; make links has them printed", file=links.LIST.relative_to(ROOT))
            )


def _say_how_to_enter(seats: Sequence[Seat], port: int) -> None:
    one = seats[0].login
    print(tr("\nEnter a seat:"))
    console.print(f"  [bold]make shell SEAT={one}[/bold]")
    if with_key := next((seat.login for seat in seats if seat.key), ""):
        theirs = tr("with the student's key")
        console.print(f"  [bold]ssh -p {port} {with_key}@{socket.gethostname()}[/bold]   {theirs}", soft_wrap=True)
    only = "-o IdentitiesOnly=yes -i .lab/instructor"  # an agent that has many keys would offer all of them first
    console.print(f"  [bold]ssh {only} -p {port} {one}@localhost[/bold]", soft_wrap=True)


@task
def move(_: Context, room: str = "", host: str = "", lost: bool = False) -> None:
    """Move a room to another host, with all that is in it; of a lost one, with what was last kept."""
    with told():
        if not is_spread():
            raise LabError(tr("The class is on one machine: make lab HOSTS=hosts.toml puts it on many."))
        if not room or not host:
            raise LabError(tr("Which room, and where to? ROOM=… HOST=…"))
        spreading.move(room, host, lost=lost)


@task
def pack(_: Context, to: str = "", lost: bool = False) -> None:
    """Only the first half of a move, of a room that is down or lost: what is in it, into its folder here."""
    with turn("pack") as current:
        if lost:
            moving.pack_kept(current, to)
        else:
            moving.pack(current, ours(), to)


@task
def leave(_: Context, lost: bool = False) -> None:
    """Only the end of a move: stop and remove what is left of the room on the host from which it has gone."""
    with turn("leave") as current:
        moving.leave(current, ours(), lost=lost)


@task
@in_rooms("down", style=Style.LIVE, after=spreading.close_way)
def down(_: Context) -> None:
    """Stop the lab; the students' work is kept."""
    with turn("seats") as current:
        ours()
        project.down(current)


@task
def clean(_: Context, yes: bool = False) -> None:
    """Remove all that the lab has made, students' work too; asks first."""
    with told():
        if is_spread():
            spreading.clean(lambda work: None if yes else _ask_to_delete(work, []))
        elif not yes:
            _ask_to_delete(project.homes(engine.client()), snapshots.everyone())
    with turn("clean") as current:
        found = ours()
        project.stop(current)
        keeper.stop_all(found)  # what a killed make has left at work on a home
        project.remove(found)
        images.remove(found)
        if room.NAME:
            shutil.rmtree(GENERATED)
            return current.done(tr("removed containers, volumes and images"))
        for folder in (GENERATED, ROOT / "reports", ROOT / ".venv"):
            if folder.is_dir() and not folder.is_symlink():  # who has made a link has what is behind it elsewhere too
                shutil.rmtree(folder)
        return current.done(
            tr(
                "removed containers, volumes, images, .lab, reports, .venv; the engine and its base image stay, and "
                "in {folder} the gate's host key, so that nobody who comes back is warned of another",
                folder=host_key.where(),
            )
        )


def _ask_to_delete(volumes: list[str], kept: list[str]) -> None:
    work = [*volumes, *(tr("the snapshots of {seat}", seat=seat) for seat in kept)]
    if not work:
        return
    names = ", ".join(work)
    question = tr("This deletes the work in {names} for good.", names=names)
    if not sys.stdin.isatty():
        how = tr("Without a terminal to ask at, say so: make clean YES=1")
        raise LabError(f"{question} {how}")
    print(question, tr("Type yes to go on:"), end=" ", flush=True)
    if sys.stdin.readline() != "yes\n":
        raise LabError(tr("Nothing was removed."))
