"""One way to all seats: .lab/ssh_config, a file to hand out, with which `ssh -F ssh_config SEAT` finds the seat's host.

The gates' host keys are in it, so that it needs no file beside it: `ssh` asks `echo` for them (OpenSSH 8.5 or later).
"""

from collections.abc import Iterator
from functools import cache

from lab.host import room as this_room
from lab.host.command import answer
from lab.host.enrolment import host_key
from lab.host.enrolment.roster import write_private
from lab.host.hosts import deal, front, inventory, rooms
from lab.host.hosts.inventory import Host

FILE = this_room.CLASS / "ssh_config"
HEAD = "# ssh -F ssh_config SEAT. Written by make lab.\n"
ROOM = """
# {room}
Host {seats}
    HostName {address}
    Port {port}
    HostKeyAlias forklab-{room}
    KnownHostsCommand /bin/echo forklab-{room} {key}
    UserKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    IdentitiesOnly yes
"""
SEAT = """Host {seat}
    User {seat}
"""
FRONT = "forklab-front"
# A key that is only on the command line is not ssh's on the way: any that it has otherwise is tried here.
FRONT_GATE = """
Host {front}
    HostName {address}
    Port {port}
    HostKeyAlias {front}
    KnownHostsCommand /bin/echo {front} {key}
    UserKnownHostsFile /dev/null
    StrictHostKeyChecking yes
"""
THROUGH = """    ProxyJump {seat}@{front}
"""


def write() -> None:
    """Write the file anew; a room that was never up is not in it."""
    dealt, hosts = deal.current(), inventory.current()
    in_front = _front()
    seat_lines = SEAT + THROUGH if in_front else SEAT
    parts = [part for name in sorted(dealt.active) for part in _room(name, dealt, hosts, seat_lines)]
    write_private(FILE, HEAD + "".join([*parts, in_front]))


def gates() -> list[str]:
    """Return where the gates are that are in the file: a host's name or address, and the port."""
    dealt, hosts = deal.current(), inventory.current()
    there = [room for room in dealt.active.values() if room.host in hosts]
    return [f"{_hostname(hosts[room.host])}:{rooms.gate_port(room)}" for room in there]


def _room(name: str, dealt: deal.Deal, hosts: dict[str, Host], seat_lines: str) -> Iterator[str]:
    room = dealt.rooms[name]
    if not (key := _key(name)) or room.host not in hosts:
        return
    seats = dealt.seats_of(name)
    address, port = _hostname(hosts[room.host]), rooms.gate_port(room)
    yield ROOM.format(room=name, seats=" ".join(seats), address=address, port=port, key=key)
    yield from (seat_lines.format(seat=seat, front=FRONT) for seat in seats)


def _front() -> str:
    here, key = front.address(), _key("")
    return FRONT_GATE.format(front=FRONT, address=here[0], port=here[1], key=key) if here and key else ""


def _key(room: str) -> str:
    """Return the public host key of a room's gate, or of the front's; "" if it was never up."""
    path = host_key.GATES / room / host_key.NAMES[1]
    return " ".join(path.read_text(encoding="utf-8").split()[:2]) if path.exists() else ""


@cache
def _hostname(host: Host) -> str:
    """Return where a host is, which may be a name of this user's own ~/.ssh/config."""
    told = (answer("ssh", "-G", host.address) or "").splitlines()
    return next((line.partition(" ")[2] for line in told if line.startswith("hostname ")), host.address)
