"""Work is never lost: snapshots, resets, archives."""

import json

from fabric import task
from invoke.context import Context
from rich.table import Table

from lab.fabfile.turn import chosen_seats, ours, turn
from lab.host import project
from lab.host.keeping import archive, keeper, resets, snapshots
from lab.host.step import console, size
from lab.language import tr, tr_as


@task
def snapshot(_: Context, seat: str = "") -> None:
    """Keep the homes as they are now, all or one; the students may work on."""
    with turn("snapshot", shared=True) as current:
        found = ours()
        resets.snapshot(current, found, chosen_seats(keeper.kept(found), seat, everyone=not seat))


@task(name="snapshots")
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
def restart(_: Context, seat: str = "", everyone: bool = False, yes: bool = False) -> None:
    """End a seat's processes and start it again; the container and the home stay."""
    _reset("restart", seat, everyone, yes)


@task
def reset(_: Context, seat: str = "", everyone: bool = False, yes: bool = False) -> None:
    """Make a seat's container anew; the home stays."""
    _reset("reset", seat, everyone, yes)


@task
def factory(_: Context, seat: str = "", everyone: bool = False, yes: bool = False) -> None:
    """Make a seat's container and its home anew; undo brings the work back."""
    _reset("factory", seat, everyone, yes)


def _reset(kind: str, seat: str, everyone: bool, yes: bool) -> None:
    with turn(kind, shared=True) as current:
        found = ours()
        resets.reset(current, found, chosen_seats(project.seats(found), seat, everyone), kind, unkept=yes)


@task
def undo(_: Context, seat: str = "", everyone: bool = False, snapshot: str = "") -> None:
    """Put a snapshot back, the newest or a named one; a second undo takes that back."""
    with turn("undo", shared=True) as current:
        found = ours()
        resets.undo(current, found, chosen_seats(keeper.kept(found), seat, everyone), snapshot)


@task(name="export")
def export_class(_: Context, file: str = "") -> None:
    """Write all homes to one archive, for another machine or to look into."""
    with turn("export") as current:
        archive.export(current, ours(), file)


@task(name="import")
def import_class(_: Context, file: str = "") -> None:
    """Put an exported class's homes into the seats of the same login."""
    with turn("import") as current:
        archive.bring(current, ours(), file)
