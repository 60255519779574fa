"""Work is never lost: snapshots, resets, archives."""

import json
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from fabric import task
from invoke.context import Context
from rich.table import Table

from lab.fabfile.in_rooms import Style, in_rooms
from lab.fabfile.turn import chosen_seats, ours, told, turn
from lab.host import project, room
from lab.host.command import LabError, see_through
from lab.host.hosts import deal
from lab.host.hosts.rooms import Options, command
from lab.host.keeping import archive, keeper, moving, resets, snapshots
from lab.host.step import console, size
from lab.language import tr, tr_as


def _archive(room: str, options: Options) -> Options:
    """Give each room an archive of its own, class-ROOM.tar.gz, unless one that is there is named."""
    path = Path(options["file"] or f"class-{datetime.now(UTC).strftime(snapshots.TIME)}{snapshots.SUFFIX}")
    stem = path.name.removesuffix(snapshots.SUFFIX)
    return options if path.exists() else {**options, "file": str(path.with_name(f"{stem}-{room}{snapshots.SUFFIX}"))}


def _archive_with_seats(room: str, options: Options) -> Options | None:
    """Give a room the archive that is there, unless none of its seats is in it; or its own, as export has named it."""
    seats = deal.current().seats
    if not Path(options["file"]).is_file():
        return _archive(room, options)
    rooms = {seats[seat] for seat in archive.seats_of(options["file"]) if seat in seats}
    if not rooms:
        raise archive.strangers_only(options["file"], sorted(seats))
    return options if room in rooms else None


@task
def snapshot(context: Context, seat: str = "", every: str = "", reason: str = snapshots.HAND) -> None:
    """Keep the homes as they are now, all or one; the students may work on. Every so many minutes, until Ctrl-C."""
    if every:
        with told(), suppress(KeyboardInterrupt):
            _keep_on(seat, every)
    else:
        _snapshot(context, seat=seat, reason=reason)


@in_rooms("snapshot", style=Style.LIVE)
def _snapshot(_: Context, seat: str, reason: str) -> None:
    with turn("snapshot", shared=True) as current:
        found = ours()
        resets.snapshot(current, found, chosen_seats(keeper.kept(found), seat, everyone=not seat), reason)
        if room.NAME and not seat:
            moving.keep_beside(found)


def _keep_on(seat: str, every: str) -> None:
    """Have a make take the snapshots of each round: one that fails, in a room or all, is followed by the next."""
    if not every.isdecimal() or not int(every):
        raise LabError(tr("EVERY={every} is no number of minutes.", every=every))
    words = command("snapshot", {"seat": seat, "reason": snapshots.ROUND})
    while True:
        began = time.monotonic()
        console.print(f"[dim]{datetime.now().astimezone():%a %H:%M}[/dim]")
        see_through(*words)
        time.sleep(max(0.0, began + int(every) * 60 - time.monotonic()))


@task(name="snapshots")
@in_rooms("snapshots")
def list_snapshots(_: Context, seat: str = "", as_json: bool = False) -> None:
    """List the snapshots, the newest of each seat last."""
    kept = [one for name in snapshots.everyone() if seat in ("", name) for one in snapshots.listed(name)]
    if as_json:
        print(json.dumps([one.to_json() for one in kept], ensure_ascii=False, indent=2))
        return
    heads = [tr("seat"), tr("snapshot"), tr_as("time", "taken"), tr("size")]
    table = Table(*heads, box=None, header_style="bold")
    for one in kept:
        table.add_row(one.seat, one.name, f"{one.when.astimezone():%a %H:%M}", size(one.size))
    console.print(table if kept else tr("There are no snapshots."))


@task
@in_rooms("restart", style=Style.LIVE)
def restart(_: Context, seat: str = "", everyone: bool = False, yes: bool = False) -> None:
    """End a seat's processes and start it again; the container and the home stay."""
    _reset("restart", seat, everyone, yes)


@task
@in_rooms("reset", style=Style.LIVE)
def reset(_: Context, seat: str = "", everyone: bool = False, yes: bool = False) -> None:
    """Make a seat's container anew; the home stays."""
    _reset("reset", seat, everyone, yes)


@task
@in_rooms("factory", style=Style.LIVE)
def factory(_: Context, seat: str = "", everyone: bool = False, yes: bool = False) -> None:
    """Make a seat's container and its home anew; undo brings the work back."""
    _reset("factory", seat, everyone, yes)


def _reset(kind: str, seat: str, everyone: bool, yes: bool) -> None:
    with turn(kind, shared=True) as current:
        found = ours()
        resets.reset(current, found, chosen_seats(project.seats(found), seat, everyone), kind, unkept=yes)


@task
@in_rooms("undo", style=Style.LIVE)
def undo(_: Context, seat: str = "", everyone: bool = False, snapshot: str = "") -> None:
    """Put a snapshot back, the newest or a named one; a second undo takes that back."""
    with turn("undo", shared=True) as current:
        found = ours()
        resets.undo(current, found, chosen_seats(keeper.kept(found), seat, everyone), snapshot)


@task(name="export")
@in_rooms("export", style=Style.LIVE, own=_archive)
def export_class(_: Context, file: str = "") -> None:
    """Write all homes to one archive, for another machine or to look into."""
    with turn("export") as current:
        archive.export(current, ours(), file)


@task(name="import")
@in_rooms("import", style=Style.LIVE, own=_archive_with_seats)
def import_class(_: Context, file: str = "") -> None:
    """Put an exported class's homes into the seats of the same login."""
    with turn("import") as current:
        archive.bring(current, ours(), file, elsewhere=deal.current().seats if room.NAME else ())
