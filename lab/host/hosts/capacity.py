"""How many seats each host holds: by its memory and its cores as its engine tells them, and by hosts.toml."""

from collections.abc import Mapping
from dataclasses import dataclass

from lab.host.enrolment.roster import UIDS
from lab.host.hosts import tunnel
from lab.host.hosts.inventory import Host
from lab.host.together import each

ROOM_MEMORY = 2**30  # server, gate, pages and the system itself
SEAT_MEMORY = 32 * 2**20  # at rest it is 7 MiB; this is a shell and some programs of a student's
CORE_SEATS = 20  # that are at work at a time (docs/scale.md)
ROOM_SEATS = 340  # whom a chat's memory holds (docs/scale.md)


@dataclass(frozen=True)
class Holds:
    """How many seats a host holds: at most, and so that each finds its part of the cores; it is dealt to by these."""

    most: int
    well: int


def holds(host: Host, memory: int, cores: int) -> Holds:
    """Return what a host of so many bytes and cores holds.

    Whoever says in hosts.toml how many seats it holds knows: cores only tell then how the class is dealt.
    """
    fits = min(seats_in(memory), len(UIDS))
    well = min(fits, cores * CORE_SEATS)
    if host.seats:
        return Holds(min(host.seats, fits), min(host.seats, well))
    return Holds(min(well, ROOM_SEATS), min(well, ROOM_SEATS))


def seats_in(memory: int) -> int:
    """Return how many seats so many bytes of a host's memory hold."""
    return max(0, (memory - ROOM_MEMORY) // SEAT_MEMORY)


def measure(hosts: Mapping[str, Host]) -> tuple[dict[str, Holds], dict[str, Exception]]:
    """Return what each host holds, and why one could not be asked: that one holds what hosts.toml says, if it does."""
    with tunnel.opened(hosts.values()) as sockets:

        def ask(name: str) -> Holds:
            info = tunnel.client(sockets[name].result()).info()
            return holds(hosts[name], info["MemTotal"], info["NCPU"])

        found = each(hosts, ask)
    silent = {name: outcome for name, outcome in found.items() if isinstance(outcome, Exception)}
    said = {name: Holds(host.seats, host.seats) for name, host in hosts.items() if host.seats}
    told = {name: outcome for name, outcome in found.items() if isinstance(outcome, Holds)}
    return {name: {**said, **told}[name] for name in hosts if name in said or name in told}, silent
