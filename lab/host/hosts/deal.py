"""Who is in which room, and which room is on which host. What has been dealt stays: a late student moves nobody."""

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from lab.host.command import LabError
from lab.host.enrolment.roster import HEADER, Seat, write_private
from lab.host.hosts.capacity import Holds
from lab.host.hosts.inventory import FOLDER, Host
from lab.host.room import ROOMS
from lab.language import tr, tr_count

REMEMBERED = FOLDER / "deal.json"
ROSTER = "roster.csv"  # in a room's folder: its part of the class's


@dataclass(frozen=True)
class Room:
    """A compose project on a host; of several on the same one, each has a number, and so ports of its own."""

    host: str
    number: int = 0


@dataclass(frozen=True)
class Deal:
    """The rooms, and the room of each seat; also of those who have left the roster, since their work is there."""

    rooms: dict[str, Room] = field(default_factory=dict)
    seats: dict[str, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)

    @property
    def active(self) -> dict[str, Room]:
        """The rooms in which somebody is."""
        there = set(self.seats.values())
        return {name: room for name, room in self.rooms.items() if name in there}

    def seats_of(self, room: str) -> list[str]:
        """Return the seats of a room."""
        return sorted(seat for seat, where in self.seats.items() if where == room)


def current() -> Deal:
    """Return what has been dealt."""
    try:
        kept: dict[str, Any] = json.loads(REMEMBERED.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Deal()
    rooms = {name: Room(**room) for name, room in kept["rooms"].items()}
    return Deal(rooms, kept["seats"], kept["left"])


def remember(deal: Deal) -> None:
    """Keep it; whatever interrupts this, it is the old one or the new one."""
    write_private(REMEMBERED, json.dumps(asdict(deal), indent=1))


def hand_out(dealt: Deal, seats: Iterable[Seat]) -> None:
    """Write for each room its part of the roster, as `make lab` reads one."""
    seats = list(seats)
    for room in dealt.active:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows((seat.login, seat.name, seat.key) for seat in seats if dealt.seats[seat.login] == room)
        write_private(roster_of(room), text.getvalue())


def roster_of(room: str) -> Path:
    """Return where a room's part of the roster is."""
    return ROOMS / room / ROSTER


def newcomers(seats: Iterable[Seat], before: Deal) -> list[str]:
    """Return whose host is still to be found: who has no room yet, or one that is nowhere yet."""
    known = {**before.left, **before.seats}
    rooms = {seat.login: seat.room or known.get(seat.login, "") for seat in seats}
    return [login for login, room in rooms.items() if room not in before.rooms]


def deal_out(seats: Iterable[Seat], hosts: Mapping[str, Host], holds: Mapping[str, Holds], before: Deal) -> Deal:
    """Return a room for each seat: the roster's, its own, else that of the least full host. Raises LabError."""
    seats = list(seats)
    known = {**before.left, **before.seats}
    dealt = Deal(dict(before.rooms), {}, {})
    named = {seat.login: seat.room or known.get(seat.login, "") for seat in seats}
    for name, count in Counter(filter(None, named.values())).items():
        if name not in dealt.rooms:
            dealt.rooms[name] = _on(name, dealt) if name in hosts else _place(name, count, holds, dealt, named)
    dealt.seats.update({login: name for login, name in named.items() if name})
    _refuse_lost(dealt, hosts)
    for login in (login for login, name in named.items() if not name):
        dealt.seats[login] = _own_room(_least_full(holds, dealt), dealt)
    # Where nobody new comes, all stay, whatever the host has lost: it is told so when it is looked at (fitness.py).
    grown = {dealt.rooms[dealt.seats[login]].host for login in newcomers(seats, before)}
    _refuse_full(dealt, _said(hosts) | {name: holds[name].most for name in grown if name in holds})
    left = {login: name for login, name in known.items() if login not in dealt.seats}
    return replace(dealt, left=left)


def moved(dealt: Deal, room: str, host: str, hosts: Mapping[str, Host]) -> Deal:
    """Return the deal with a room on another host. Raises LabError."""
    if room not in dealt.active:
        names = ", ".join(sorted(dealt.active))
        raise LabError(tr("There is no room {room!r}; the rooms are {rooms}.", room=room, rooms=names))
    if host not in hosts:
        raise LabError(tr("There is no host {host!r}; the hosts are {hosts}.", host=host, hosts=", ".join(hosts)))
    if dealt.rooms[room].host == host:
        raise LabError(tr("The room {room} is on {host} already.", room=room, host=host))
    after = replace(dealt, rooms={**dealt.rooms, room: _on(host, dealt)})
    _refuse_full(after, _said(hosts))
    return after


def refuse(dealt: Deal, hosts: Mapping[str, Host]) -> None:
    """See that the hosts are those of the rooms, and hold their seats. Raises LabError."""
    _refuse_lost(dealt, hosts)
    _refuse_full(dealt, _said(hosts))


def _place(name: str, count: int, holds: Mapping[str, Holds], dealt: Deal, named: Mapping[str, str]) -> Room:
    """Return where a room that the roster names, and is no host, is to be: on the least full."""
    there = Deal(dealt.rooms, {login: room for login, room in named.items() if room in dealt.rooms})
    host = _least_full(holds, there, count)
    if (free := holds[host].most - held(there)[host]) < count:
        told = tr(
            "Nothing was changed: the room {room} has {count} seats, and no host has as many free ({host}: {free}).",
            room=name,
            count=count,
            host=host,
            free=max(0, free),
        )
        raise LabError(told)
    return _on(host, dealt)


def _on(host: str, dealt: Deal) -> Room:
    taken = {room.number for room in dealt.rooms.values() if room.host == host}
    return Room(host, next(number for number in range(len(taken) + 1) if number not in taken))


def _own_room(host: str, dealt: Deal) -> str:
    """Return the room of a host's seats that the roster names none for, made if there is none."""
    for name in (host, *(f"{host}-{number}" for number in range(2, len(dealt.rooms) + 3))):
        if dealt.rooms.setdefault(name, _on(host, dealt)).host == host:
            return name
    raise AssertionError(host)


def held(dealt: Deal) -> Counter[str]:
    """Return how many seats each host has."""
    return Counter(dealt.rooms[name].host for name in dealt.seats.values())


def _least_full(holds: Mapping[str, Holds], dealt: Deal, more: int = 1) -> str:
    """Return the host that is least full with so many more, by its cores too; of those that hold them, if any does."""
    if not holds:
        raise LabError(
            tr("Nothing was changed: no host answers, and hosts.toml does not say how many seats one holds.")
        )
    taken = held(dealt)

    def fullness(name: str) -> tuple[bool, float]:
        count, most = taken[name] + more, holds[name]
        return count > most.most, count / most.well if most.well else math.inf

    return min(holds, key=fullness)


def _refuse_lost(dealt: Deal, hosts: Mapping[str, Host]) -> None:
    lost = sorted(name for name, room in dealt.active.items() if room.host not in hosts)
    if lost:
        told = tr(
            "Nothing was changed: {rooms} is on a host that the hosts have no more ({host}), and so is the students' "
            "work. Put the host back.",
            rooms=", ".join(lost),
            host=dealt.rooms[lost[0]].host,
        )
        raise LabError(told)


def _said(hosts: Mapping[str, Host]) -> dict[str, int]:
    """Return how many seats hosts.toml says that a host holds; one of which it says nothing is not among them."""
    return {name: host.seats for name, host in hosts.items() if host.seats}


def _refuse_full(dealt: Deal, most: Mapping[str, int]) -> None:
    count = held(dealt)
    over = [name for name in most if count[name] > most[name]]
    if over:
        seats = tr_count(len(dealt.seats), "the roster has {n} seat", "the roster has {n} seats")
        holding = ", ".join(
            tr("{host} holds {most} and would have {count}", host=name, most=most[name], count=count[name])
            for name in over
        )
        raise LabError(
            tr(
                "Nothing was changed: {seats}, and {holding}. Add a host, or say in hosts.toml that one holds more, as "
                "far as it has the memory: seats = 60.",
                seats=seats,
                holding=holding,
            )
        )
