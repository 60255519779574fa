"""One way to all seats: .lab/ssh_config, a file to hand out, with which `ssh -F ssh_config SEAT` finds the seat's host.

The gates' host keys are in it, so that it needs no file beside it: `ssh` asks `echo` for them (OpenSSH 8.5 or later).
"""

from collections.abc import Iterator

from lab.host import room as this_room
from lab.host.command import answer
from lab.host.enrolment import host_key
from lab.host.enrolment.roster import write_private
from lab.host.hosts import deal, inventory, rooms
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


def write() -> None:
    """Write the file anew; a room that was never up is not in it."""
    dealt, hosts = deal.current(), inventory.current()
    parts = [part for name in sorted(dealt.active) for part in _room(name, dealt, hosts)]
    write_private(FILE, HEAD + "".join(parts))


def _room(name: str, dealt: deal.Deal, hosts: dict[str, Host]) -> Iterator[str]:
    path = host_key.GATES / name / host_key.NAMES[1]
    room = dealt.rooms[name]
    if not path.exists() or room.host not in hosts:
        return
    kind, key = path.read_text(encoding="utf-8").split()[:2]
    seats = dealt.seats_of(name)
    address, port = _hostname(hosts[room.host]), rooms.gate_port(room)
    yield ROOM.format(room=name, seats=" ".join(seats), address=address, port=port, key=f"{kind} {key}")
    yield from (SEAT.format(seat=seat) for seat in seats)


def _hostname(host: Host) -> str:
    """Return where a host is, which may be a name of this user's own ~/.ssh/config."""
    told = (answer("ssh", "-G", host.address) or "").splitlines()
    return next((line.partition(" ")[2] for line in told if line.startswith("hostname ")), host.address)
