"""Who is in which room, and which room is on which host. What has been dealt stays: a late student moves nobody."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from lab.host.command import LabError
from lab.host.enrolment.roster import HEADER, Seat, write_private
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


def deal_out(seats: Iterable[Seat], hosts: Mapping[str, Host], before: Deal) -> Deal:
    """Return a room for each seat: the roster's, the one that it has, else one where most is free. Raises LabError."""
    seats = list(seats)
    known = {**before.left, **before.seats}
    dealt = Deal(dict(before.rooms), {}, {})
    named = {seat.login: seat.room or known.get(seat.login, "") for seat in seats}
    for name, count in Counter(filter(None, named.values())).items():
        if name not in dealt.rooms:
            dealt.rooms[name] = _place(name, count, hosts, dealt, named)
    dealt.seats.update({login: name for login, name in named.items() if name})
    _refuse_lost(dealt, hosts)
    for login in (login for login, name in named.items() if not name):
        host = _freest(hosts, dealt)
        dealt.seats[login] = _own_room(host, dealt)
    _refuse_full(dealt, hosts)
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
    _refuse_full(after, hosts)
    return after


def refuse(dealt: Deal, hosts: Mapping[str, Host]) -> None:
    """See that the hosts are those of the rooms, and hold their seats. Raises LabError."""
    _refuse_lost(dealt, hosts)
    _refuse_full(dealt, hosts)


def _place(name: str, count: int, hosts: Mapping[str, Host], dealt: Deal, named: Mapping[str, str]) -> Room:
    """Return where a room that the roster names is to be: on the host of that name, else where most is free."""
    if name in hosts:
        return _on(name, dealt)
    there = Deal(dealt.rooms, {login: room for login, room in named.items() if room in dealt.rooms})
    host = _freest(hosts, there)
    if (free := hosts[host].seats - held(there)[host]) < count:
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


def _freest(hosts: Mapping[str, Host], dealt: Deal) -> str:
    """Return the host with the most seats free; the first of those."""
    taken = held(dealt)
    return max(hosts, key=lambda name: hosts[name].seats - taken[name])


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


def _refuse_full(dealt: Deal, hosts: Mapping[str, Host]) -> None:
    count = held(dealt)
    over = [name for name in hosts if count[name] > hosts[name].seats]
    if over:
        seats = tr_count(len(dealt.seats), "the roster has {n} seat", "the roster has {n} seats")
        holding = ", ".join(
            tr("{host} holds {most} and would have {count}", host=name, most=hosts[name].seats, count=count[name])
            for name in over
        )
        raise LabError(
            tr(
                "Nothing was changed: {seats}, and {holding}. Add a host, or raise its seats.",
                seats=seats,
                holding=holding,
            )
        )
