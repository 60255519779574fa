"""A make for each room, side by side: the same task in the room's environment; a result or an error for each."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.host import project, settings
from lab.host.command import LabError, see_through
from lab.host.hosts import deal, fence, front, inventory, tunnel
from lab.host.ports import LOOPBACK
from lab.host.python import ROOT
from lab.language import tr
from lab.web.links import INSTRUCTOR
from lab.web.state import PORT as WEB_PORT

Options = dict[str, Any]  # of a task, by their names
Show = Callable[[str, str], None]  # a room's line, as it comes
FAILED = 2


@dataclass(frozen=True)
class Outcome:
    """What the make of a room came to: its exit code, and what it printed."""

    code: int
    output: str
    errors: str = ""


def chosen(options: Options) -> dict[str, Options]:
    """Return the rooms that a task is about, ROOM's, the seats' or all, with its options there. Raises LabError."""
    dealt = deal.current()
    rooms = _named(dealt)
    key = "seats" if options.get("seats") else "seat"
    seats = [seat for seat in str(options.get(key) or "").split(",") if seat not in ("", INSTRUCTOR)]
    if not seats:
        return {room: dict(options) for room in rooms}
    known = {seat: room for seat, room in {**dealt.left, **dealt.seats}.items() if room in rooms}
    if strangers := [seat for seat in seats if seat not in known]:
        raise project.no_such_seat(strangers, sorted(seat for seat in dealt.seats if dealt.seats[seat] in rooms))
    there = {room: ",".join(seat for seat in seats if known[seat] == room) for room in rooms}
    return {room: {**options, key: names} for room, names in there.items() if names}


def _named(dealt: deal.Deal) -> list[str]:
    rooms = sorted(dealt.active)
    named = os.environ.get("ROOM", "")
    if named and named not in rooms:
        raise LabError(tr("There is no room {room!r}; the rooms are {rooms}.", room=named, rooms=", ".join(rooms)))
    return [named] if named else rooms


@contextmanager
def reached(rooms: Iterable[str], dealt: deal.Deal | None = None) -> Iterator[Callable[[str], dict[str, str]]]:
    """Reach the rooms' hosts; yield what returns the environment of a room's make, or raises LabError.

    What is left of rooms that have gone elsewhere is removed first, on each host that is reached. A room that is just
    going has a deal of its own, `dealt`, and nothing is removed meanwhile.
    """
    left = [] if dealt else still_left()
    dealt, hosts = dealt or deal.current(), inventory.current()
    named = {dealt.rooms[name].host for name in rooms} | {each.host for each in left}
    with (
        tunnel.opened(hosts[name] for name in named if name in hosts) as sockets,
        ThreadPoolExecutor(max(1, len(left))) as pool,
    ):
        removals = [(each.host, pool.submit(_remove, each, hosts[each.host], sockets[each.host])) for each in left]

        def environment_of(name: str) -> dict[str, str]:
            host = dealt.rooms[name].host
            if host not in hosts:
                raise LabError(tr("The hosts have no {host} any more.", host=host))
            socket = sockets[host].result()
            for where, removal in removals:
                if where == host:
                    removal.result()
            return environment(name, dealt.rooms[name], hosts[host], socket)

        yield environment_of


def still_left() -> list[fence.Left]:
    """Return what is left of rooms on hosts where they are no more, and which may be reached."""
    dealt, hosts = deal.current(), inventory.current()
    return [
        each
        for each in fence.noted()
        if each.host in hosts and each.room in dealt.rooms and dealt.rooms[each.room].host != each.host
    ]


def settle() -> list[fence.Left]:
    """Remove what is left of rooms that have gone elsewhere; return what is on hosts that are not reached."""
    with reached([]):
        pass
    return still_left()


def _remove(left: fence.Left, host: inventory.Host, socket: Future[Path]) -> None:
    """Let the room's make remove what is left of it on a host. One that is not reached is for the next make."""
    try:
        found = environment(left.room, deal.Room(left.host), host, socket.result())
    except LabError:
        return

    def show(room: str, line: str) -> None:
        print(f"{room} ({left.host}): {line}", file=sys.stderr)

    if not _run(command("leave", {"lost": left.lost}), found, left.room, show).code:
        left.settle()


def environment(name: str, room: deal.Room, host: inventory.Host, socket: Path) -> dict[str, str]:
    """Return the environment in which a make is a room's."""
    told = settings.environment()
    through = front.pages()
    return {
        **{key: value for key, value in told.items() if key not in ("DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "ROOM")},
        "DOCKER_HOST": f"unix://{socket}",
        "COMPOSE_PROJECT_NAME": project_of(name),
        "LAB_ROOM": name,
        "LAB_ROOM_ADDRESS": host.address,
        "LAB_ROOM_SSH": host.where,
        "LAB_PORT": _port(told.get("LAB_PORT") or str(project.GATE_PORT), room.number),
        "LAB_WEB_PORT": str(web_port(name)),
        **({"LAB_WEB": LOOPBACK, "LAB_ROOM_PAGES": through} if through else {}),
        "PYTHONUNBUFFERED": "1",  # its lines are shown as they come
    }


def gate_port(room: deal.Room) -> int:
    """Return the port of its host at which a room's gate is."""
    first = settings.environment().get("LAB_PORT") or str(project.GATE_PORT)
    return int(_port(first, room.number).rpartition(":")[2])


def web_port(room: str) -> int:
    """Return the port of a room's pages: each has one of its own, so that they can be side by side on a machine."""
    first = settings.environment().get("LAB_WEB_PORT") or WEB_PORT
    return int(first) + list(deal.current().rooms).index(room)


def project_of(room: str) -> str:
    """Return the name of a room's compose project, by which its host's engine knows it."""
    return f"{project.PROJECT}-{room}"


def _port(first: str, number: int) -> str:
    """Return the port of a room of a host, of which the first one's may have an address before it."""
    return re.sub(r"\d+$", lambda found: str(int(found[0]) + number), first)


def command(task: str, options: Options) -> list[str]:
    """Return the words of a task with its options."""
    words = []
    for key, value in options.items():
        flag = f"--{key.replace('_', '-')}"
        words += [flag] if value is True else [f"{flag}={value}"] if value else []
    return [sys.executable, "-m", "fabric", "-r", "lab", task, *words]


def attached(task: str, room: str, options: Options) -> int:
    """Do a task in one room, with this terminal; return its exit code. Raises LabError if its host is not reached."""
    with reached([room]) as environment_of, suppress(KeyboardInterrupt):  # which is how a drill ends
        return see_through(*command(task, options), environment=environment_of(room))
    return 0


def in_each(
    task: str, wanted: Mapping[str, Options], show: Show | None = None, dealt: deal.Deal | None = None
) -> dict[str, Outcome]:
    """Do a task in each room; return what it came to. With `show`, its lines are shown as they come."""
    with reached(wanted, dealt) as environment_of, ThreadPoolExecutor(max(1, len(wanted))) as pool:

        def do(room: str) -> Outcome:
            try:
                found = environment_of(room)
            except LabError as error:
                if show:
                    show(room, str(error))
                return Outcome(FAILED, "", str(error))
            return _run(command(task, wanted[room]), found, room, show)

        return dict(zip(wanted, pool.map(do, wanted), strict=True))


def _run(words: Sequence[str], environment: Mapping[str, str], room: str, show: Show | None) -> Outcome:
    """Run a room's make. Ctrl-C reaches it too, and its end is waited for."""
    with subprocess.Popen(
        words,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if show else subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        if show is None:
            output, errors = process.communicate()
            return Outcome(_code(process), output, errors)
        assert process.stdout
        for line in process.stdout:
            show(room, line.rstrip())
    return Outcome(_code(process), "")


def _code(process: subprocess.Popen[str]) -> int:
    """Return the exit code; one that was killed has failed."""
    return process.returncode if process.returncode >= 0 else FAILED
