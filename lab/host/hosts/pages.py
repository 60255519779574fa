"""The pages of all rooms at this machine's address: a port for each room, forwarded by ssh to its host's loopback.

What a browser sends arrives at the room's pages as it was sent, so they see to cookies, origins and TLS as on one
machine; no host opens a port for them. Who keeps ssh alive between makes is lab/host/hosts/forwarding.py.
"""

import json
import subprocess
import sys
from collections.abc import Iterable

from lab.host.command import LabError
from lab.host.enrolment import links
from lab.host.enrolment.roster import write_private
from lab.host.hosts import deal, forwarding, front, inventory, rooms, tunnel
from lab.host.hosts.inventory import FOLDER
from lab.host.lock import locked
from lab.host.ports import LOOPBACK, await_open, claim
from lab.host.python import ROOT
from lab.host.step import Step
from lab.host.together import each
from lab.language import tr

HERE = FOLDER / "pages"
FILE = HERE / forwarding.FILE


def bring_up(step: Step, up: Iterable[str]) -> None:
    """Have each room's pages here, and wait for those of rooms that are up. Raises LabError."""
    wanted = {room: _words(room) for room in sorted(deal.current().active)}
    wanted = {room: words for room, words in wanted.items() if words}
    ours = {_bound(words) for words in forwarding.wanted(FILE).values()}
    for room in [room for room, words in wanted.items() if _bound(words) not in ours]:
        _refuse_taken(rooms.web_port(room))
    HERE.mkdir(parents=True, exist_ok=True)
    write_private(FILE, json.dumps(wanted, indent=1))
    subprocess.Popen(
        [sys.executable, "-m", "lab.host.hosts.forwarding", str(HERE)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    found = each([room for room in up if room in wanted], _await)
    for room, outcome in found.items():
        if isinstance(outcome, Exception):
            step.note(tr("the pages of {room} are not reached yet: {why}", room=room, why=outcome))
    ports = ", ".join(str(port) for port in sorted(rooms.web_port(room) for room in wanted))
    step.note(tr("the pages of all rooms are at {name}, ports {ports}", name=front.pages(), ports=ports))


def close(step: Step) -> None:
    """End it, if the pages are here."""
    if FILE.exists():
        FILE.unlink()
        with locked(HERE, lambda: None):  # whoever follows the file ends, and then has no lock
            step.note(tr("the way to the pages is closed"))


def _words(room: str) -> list[str]:
    """Return the words that forward a port of this machine to a room's pages; none if its host is none any more."""
    where, hosts, port = deal.current().rooms[room], inventory.current(), rooms.web_port(room)
    if where.host not in hosts:
        return []
    return tunnel.forwarding(hosts[where.host], f"{links.listens_at()}:{port}:{LOOPBACK}:{port}")


def _bound(words: list[str]) -> str:
    """Return what ssh is told to forward, of its words: with the same, it is the same port here."""
    return words[words.index("-L") + 1]


def _refuse_taken(port: int) -> None:
    """See that nobody else has a port that the pages are to be at. Raises LabError."""
    try:
        claim(_listens_at(), port)
    except OSError as error:
        told = tr(
            "The pages cannot be at port {port} of this machine: {why}. Take others: make lab LAB_WEB_PORT=8200",
            port=port,
            why=error.strerror,
        )
        raise LabError(told) from error


def _await(room: str) -> None:
    """Wait until a room's port is open here. Raises LabError, with what ssh has said, after its patience."""
    log = HERE / forwarding.LOG.format(room=room)
    try:
        await_open(_listens_at(), rooms.web_port(room), forwarding.AGAIN + tunnel.PATIENCE)
    except OSError as error:
        said = log.read_text(errors="replace").strip().splitlines()[-1:] if log.exists() else []
        raise LabError("".join(said) or str(error)) from error


def _listens_at() -> str:
    """Return the address of the pages here, as a socket has it."""
    return links.listens_at().strip("[]")
