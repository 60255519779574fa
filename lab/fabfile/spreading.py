"""`make lab` where the class is on many hosts: deal out, bring the images, then a `make lab` for each room."""

import os
from collections.abc import Callable
from pathlib import Path

from invoke.exceptions import Exit

from lab.fabfile.in_rooms import show_line
from lab.fabfile.turn import ours, told, turn
from lab.host.bringup import engine
from lab.host.command import LabError
from lab.host.enrolment import enrol, keys, roster, seeds
from lab.host.enrolment.roster import NONE, Seat
from lab.host.hosts import (
    capacity,
    deal,
    fence,
    fitness,
    front,
    inventory,
    listing,
    pages,
    rooms,
    shipping,
    ssh_config,
    tunnel,
)
from lab.host.python import ROOT
from lab.host.step import Step, console
from lab.language import tr, tr_count


def bring_up(path: Path | None, file: str) -> None:
    """Bring the class up on its hosts; those that are not reached hide nobody. Raises Exit."""
    with turn("hosts") as current:
        before = deal.current()
        dealt = _deal_out(current, path, file)
        _say(current, before, dealt)
    with told():
        rooms.settle()
        with turn("images") as current:
            failed = _prepare(current, dealt, *{where.host for where in dealt.active.values()})
        gone = {room: str(failed[where.host]) for room, where in dealt.active.items() if where.host in failed}
        for room, why in gone.items():
            show_line(room, why)
        _stop_emptied(before, dealt)
        wanted = {room: {"roster": str(deal.roster_of(room))} for room in dealt.active if room not in gone}
        found = rooms.in_each("lab", wanted, show_line, dealt)
        listing.write()
        with turn("front") as current:
            _open_way(current, [room for room, outcome in found.items() if not outcome.code])
    way_in = tr("every seat: ssh -F {file} SEAT (docs/hosts.md)", file=ssh_config.FILE.relative_to(ROOT))
    console.print(way_in, soft_wrap=True)
    if lacking := sorted([*gone, *(room for room, outcome in found.items() if outcome.code)]):
        raise Exit(tr("not up: {rooms}; the same make lab goes on", rooms=", ".join(lacking)), code=2)


def _open_way(step: Step, up: list[str]) -> None:
    """Open the way in, if there is one, to what is up, and say in a file how each seat is reached. Raises LabError."""
    try:
        if here := front.address():
            front.bring_up(step, ours(), here, ssh_config.gates())
        else:
            front.down(step)
    finally:
        ssh_config.write()
    if front.pages():
        pages.bring_up(step, up)
    else:
        pages.close(step)


def close_way() -> None:
    """Close it, if no room is meant alone. Raises Exit."""
    if not os.environ.get("ROOM"):
        with turn("front") as current:
            pages.close(current)
            front.down(current)


def _stop_emptied(before: deal.Deal, dealt: deal.Deal) -> None:
    """Stop the rooms in which nobody is any more; the work that is there is kept."""
    hosts = inventory.current()
    emptied = [name for name, where in before.active.items() if name not in dealt.active and where.host in hosts]
    if emptied:
        rooms.in_each("down", {name: {} for name in emptied}, show_line, dealt)


def _deal_out(step: Step, path: Path | None, file: str) -> deal.Deal:
    """Put hosts, roster and settings in force, and what follows from them. Raises LabError, nothing changed."""
    hosts = {host.name: host for host in inventory.read(Path(file).expanduser())} if file else inventory.current()
    seats = _roster(path)
    dealt = deal.current()
    if seats:
        dealt = deal.deal_out(seats, hosts, _holds(step, hosts) if deal.newcomers(seats, dealt) else {}, dealt)
    if not dealt.seats:
        raise LabError(tr("Who is in the class? HOSTS=… needs a roster, once: ROSTER=class.csv"))
    deal.refuse(dealt, hosts)
    enrol.keep_settings()
    seeds.secret()
    keys.instructor()
    deal.remember(dealt)
    inventory.remember(hosts.values())
    if seats:
        deal.hand_out(dealt, seats)
    return dealt


def _holds(step: Step, hosts: dict[str, inventory.Host]) -> dict[str, capacity.Holds]:
    """Measure what the hosts hold, and say of which that is not known."""
    step.doing(tr("asking {hosts} what they hold", hosts=", ".join(hosts)))
    found, silent = capacity.measure(hosts)
    for name in [name for name in silent if name not in found]:
        step.note(
            tr("nobody new goes to {host}, since it cannot be asked what it holds: {why}", host=name, why=silent[name])
        )
    return found


def _roster(path: Path | None) -> list[Seat]:
    if path == NONE:
        raise LabError(tr("Many hosts need a roster; ROSTER=none is for one machine: make lab HOSTS=none ROSTER=none"))
    return roster.read(path) if path else []


def _say(step: Step, before: deal.Deal, dealt: deal.Deal) -> None:
    each = ", ".join(f"{name} {len(dealt.seats_of(name))}" for name in dealt.active)
    step.done(tr_count(len(dealt.seats), "{n} seat: {each}", "{n} seats: {each}", each=each))
    for seat, room in dealt.seats.items():
        if (old := {**before.left, **before.seats}.get(seat, room)) != room:
            step.note(
                tr(
                    "{seat} goes to {room}, as the roster says; the work stays in {old}, from where make export and "
                    "make import ROOM={room} bring it",
                    seat=seat,
                    room=room,
                    old=old,
                )
            )


def _prepare(step: Step, dealt: deal.Deal, *names: str) -> dict[str, Exception]:
    """See that hosts are fit for their seats, and bring them the images; return by host why one is not ready."""
    hosts = inventory.current()
    with tunnel.opened(hosts[name] for name in names) as sockets:
        here = engine.client()
        unfit = fitness.look(here, hosts, sockets, deal.held(dealt))
        return unfit | shipping.ship(step, here, hosts, {name: sockets[name] for name in names if name not in unfit})


def back_to_one() -> None:
    """Stop all rooms and have the lab on this machine again; what has been dealt is kept. Raises LabError, Exit."""
    if not inventory.in_force():
        return
    found = rooms.in_each("down", {name: {} for name in deal.current().active}, show_line)
    if any(outcome.code for outcome in found.values()):
        raise LabError(tr("Not all rooms are down, so the hosts stay in force: make lab HOSTS=none once more."))
    close_way()
    inventory.forget()


def clean(ask: Callable[[list[str]], None]) -> None:
    """Remove all that is on the hosts; `ask` is told whose work that is. Raises LabError if a host was not reached."""
    dealt = deal.current()
    ask(sorted([*dealt.seats, *dealt.left]))
    left = [f"{each.room} ({each.host})" for each in rooms.settle()]
    found = rooms.in_each("clean", {name: {"yes": True} for name in dealt.rooms}, show_line, dealt)
    if lacking := [*left, *(name for name, outcome in found.items() if outcome.code)]:
        told = tr("Not removed: {rooms}. Here all is as it was; make clean goes on.", rooms=", ".join(lacking))
        raise LabError(told)
    close_way()


def move(room: str, host: str, *, lost: bool) -> None:
    """Move a room to another host: stop it, pack what is in it, start it there. Raises LabError.

    It is on the old one until all is packed, then on the new one: killed at any point, `make lab` starts it there. Of a
    host that is lost, what was last kept here is packed; what is on it is noted, for the make that reaches it again.
    """
    with turn("move") as current:
        dealt, hosts = deal.current(), inventory.current()
        after = deal.moved(dealt, room, host, hosts)
        left = fence.Left(room, dealt.rooms[room].host, lost)
        if lost:
            _refuse_alive(hosts[left.host])
        if any((each.room, each.host) == (room, host) for each in rooms.settle()):
            raise LabError(
                tr("On {host} something is left of {room}, and has to be removed first.", host=host, room=room)
            )
        if failed := _prepare(current, after, host):
            raise failed[host]
        _pack(room, dealt, after, hosts[host], lost)
        left.note()
        deal.remember(after)
        _in_room("lab", room, {"roster": str(deal.roster_of(room))}, after, tr("make lab goes on."))
        listing.write()
        _open_way(current, [room])
        if not lost:
            rooms.settle()
        current.done(tr("{room} is on {host}", room=room, host=host))


def _refuse_alive(host: inventory.Host) -> None:
    """See that a host is lost: what is on one that answers goes along. Raises LabError."""
    with tunnel.opened([host]) as sockets:
        if sockets[host.name].exception() is None:
            raise LabError(
                tr("{host} answers, so it is not lost: without LOST=1, all that is on it goes along.", host=host.name)
            )


def _pack(room: str, before: deal.Deal, after: deal.Deal, host: inventory.Host, lost: bool) -> None:
    """Have what is in the room in its folder here, for the new host. Raises LabError."""
    if lost:  # by the new host's engine: the old one's does not answer
        _in_room("pack", room, {"to": host.where, "lost": True}, after, tr("{room} is where it was.", room=room))
        return
    for task, options in (("down", {}), ("pack", {"to": host.where})):
        _in_room(task, room, options, before, tr("{room} is where it was: make lab starts it.", room=room))


def _in_room(task: str, room: str, options: rooms.Options, dealt: deal.Deal, then: str) -> None:
    if rooms.in_each(task, {room: options}, show_line, dealt)[room].code:
        raise LabError(then)
