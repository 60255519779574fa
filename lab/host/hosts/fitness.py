"""Is each host fit for its seats? Looked at side by side, before anything is brought there or begun."""

import shlex
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import docker

from lab.host.bringup.fitness import OLDEST_ENGINE, is_too_old, without
from lab.host.command import LabError
from lab.host.hosts import shipping, tunnel
from lab.host.hosts.capacity import ROOM_MEMORY, SEAT_MEMORY, seats_in
from lab.host.hosts.inventory import Host
from lab.host.step import size
from lab.host.together import each
from lab.language import tr

SEAT_DISK = 10 * 2**20  # of its home, at first


@dataclass(frozen=True)
class Seen:
    """What a host has; `free` bytes on the engine's disk, None if that was not told."""

    api: str
    version: str
    architecture: str
    memory: int
    free: int | None
    without: tuple[str, ...] = ()  # limits that its kernel does not keep


@dataclass(frozen=True)
class Need:
    """What it has to hold."""

    seats: int
    images: int  # bytes that are to be brought
    architecture: str


def look(
    here: docker.DockerClient, hosts: Mapping[str, Host], sockets: Mapping[str, Future[Path]], seats: Mapping[str, int]
) -> dict[str, Exception]:
    """Return by host why it is not reached, or not fit for so many seats."""
    ours, bulk, architecture = shipping.ids(here), shipping.bulk(here), here.info()["Architecture"]

    def judge(name: str) -> None:
        there = tunnel.client(sockets[name].result())
        need = Need(seats[name], 0 if shipping.ids(there) == ours else bulk, architecture)
        if faults := list(short_of(see(hosts[name], there), need)):
            raise LabError("\n".join([tr("{address} is not fit for its seats:", address=hosts[name].address), *faults]))

    found = each(sockets, judge)
    return {name: outcome for name, outcome in found.items() if outcome is not None}


def see(host: Host, engine: docker.DockerClient) -> Seen:
    """Ask a host's engine what there is, and its system how much of the disk is free."""
    version, info = engine.version(), engine.info()
    return Seen(
        api=version["ApiVersion"],
        version=version["Version"],
        architecture=info["Architecture"],
        memory=info["MemTotal"],
        free=_free(tunnel.ask(host, f"df -Pk {shlex.quote(info['DockerRootDir'])}")),
        without=tuple(without(info)),
    )


def _free(said: str | None) -> int | None:
    """Return the bytes that are free by df(1)."""
    cells = (said or "").splitlines()[-1:]
    words = cells[0].split() if cells else []
    return int(words[3]) * 1024 if len(words) > 3 and words[3].isdecimal() else None


def short_of(seen: Seen, need: Need) -> Iterator[str]:
    """Yield a sentence for each thing in which a host falls short, and what is to be done about it."""
    if is_too_old(seen.api):
        yield tr(
            "its engine is {version}, and {oldest} or later is needed: there, sudo make engine in a clone, or the "
            "newer one of its distribution",
            version=seen.version,
            oldest=OLDEST_ENGINE,
        )
    if seen.architecture != need.architecture:
        yield tr(
            "it is {theirs}, and the images are for {ours}: take a host of that kind",
            theirs=seen.architecture,
            ours=need.architecture,
        )
    if seen.without:
        names = ", ".join(seen.without)
        yield tr(
            "its kernel keeps no limits of {names}: switch on the cgroup controllers, then start it anew", names=names
        )
    if seen.memory < (memory := ROOM_MEMORY + need.seats * SEAT_MEMORY):
        yield tr(
            "it has {memory} of memory, and {seats} seats take {wanted}: say seats = {holds} in hosts.toml",
            memory=size(seen.memory),
            seats=need.seats,
            wanted=size(memory),
            holds=seats_in(seen.memory),
        )
    if seen.free is not None and seen.free < (disk := need.images + need.seats * SEAT_DISK):
        yield tr(
            "{free} of its disk are free, and {wanted} are needed: there, `docker system df` shows what the engine "
            "holds, `docker system prune` frees what nothing uses",
            free=size(seen.free),
            wanted=size(disk),
        )
