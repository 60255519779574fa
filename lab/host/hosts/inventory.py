"""The hosts of a class: hosts.toml, a `[[host]]` for each, read once and then remembered in .lab/hosts."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from lab.host import room
from lab.host.command import LabError
from lab.host.enrolment.roster import ROOM_NAME, UIDS, write_private
from lab.language import tr

FOLDER = room.CLASS / "hosts"
REMEMBERED = FOLDER / "hosts.json"
NONE = "none"  # as the name of a file: no hosts, but this machine again
HEAD = re.compile(r"\s*\[\[\s*host\s*\]\]")
WORD = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9_.:-]*"
)  # an address or a login; ssh would take what begins with - for an option
SSH_PORTS = range(1, 65536)


@dataclass(frozen=True)
class Host:
    """A machine with an engine, reached by ssh."""

    name: str
    seats: int = 0  # at most; 0: what its memory and cores hold
    address: str = ""  # or a name of ssh's own configuration
    user: str = ""  # ssh's choice
    port: int = 0  # ssh's choice

    @property
    def where(self) -> str:
        """What ssh takes by hand: -p 2200 lab@north.example."""
        port = f"-p {self.port} " if self.port else ""
        return f"{port}{self.user}@{self.address}" if self.user else f"{port}{self.address}"


KEYS = tuple(field.name for field in fields(Host))


def in_force() -> bool:
    """Tell whether the class is on many hosts."""
    return REMEMBERED.exists()


def current() -> dict[str, Host]:
    """Return the hosts in force by their names."""
    found = [Host(**host) for host in json.loads(REMEMBERED.read_text(encoding="utf-8"))] if in_force() else []
    return {host.name: host for host in found}


def remember(hosts: Iterable[Host]) -> None:
    """Put hosts in force."""
    write_private(REMEMBERED, json.dumps([asdict(host) for host in hosts], indent=1))


def forget() -> None:
    """Have the lab on this machine alone again."""
    REMEMBERED.unlink(missing_ok=True)


def read(path: Path) -> list[Host]:
    """Return the hosts of a file. Raises LabError, which names every fault by its line."""
    import tomllib  # no other make waits for it

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else tr("it is not UTF-8")
        told = tr("The hosts cannot be read: {path}: {why}. Name a file: HOSTS=hosts.toml", path=path, why=why)
        raise LabError(told) from error
    try:
        tables = tomllib.loads(text).get("host", [])
    except tomllib.TOMLDecodeError as error:
        raise LabError(tr("{path} is no TOML: {error}. Nothing was changed.", path=path, error=error)) from error
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        example = '[[host]]\nname = "north"\naddress = "192.0.2.7"\nuser = "lab"'
        raise LabError(tr("{path} names no host. For each, it has such lines:\n{example}", path=path, example=example))
    if faults := sorted(_faults(tables, Lines(text))):
        head = tr("nothing was changed, since the hosts have faults:")
        listed = "\n".join(tr("  line {line}: {fault}", line=line, fault=fault) for line, fault in faults)
        raise LabError(f"{path}: {head}\n{listed}")
    return [Host(**{"address": table["name"], **table}) for table in tables]


class Lines:
    """Where each host and its keys are in the file, which the library that reads it does not tell."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._heads = [number for number, line in enumerate(self._lines) if HEAD.match(line)]

    def of(self, host: int, key: str = "") -> int:
        """Return the line of a host, or of its key, if it is there; from 1."""
        if host >= len(self._heads):  # written otherwise: host = [{…}]
            return 1
        start = self._heads[host]
        for number, line in enumerate(self._lines[start + 1 :], start + 1):
            if line.lstrip().startswith("["):
                break
            if key and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*=""", line):
                return number + 1
        return start + 1


def _faults(tables: Sequence[dict[str, Any]], lines: Lines) -> Iterator[tuple[int, str]]:
    """Yield what is wrong with each host by itself, and beside those above it."""
    names: dict[Any, int] = {}
    addresses: dict[tuple[Any, Any], int] = {}
    for number, table in enumerate(tables):
        for key in [key for key in table if key not in KEYS]:
            known = ", ".join(KEYS)
            yield lines.of(number, key), tr("a host has no {key!r}; it has {known}", key=key, known=known)
        for key, fault in _own_faults(table):
            yield lines.of(number, key), fault
        name = str(table.get("name"))
        if (first := names.setdefault(name, lines.of(number))) != lines.of(number):
            yield lines.of(number, "name"), tr("{name} is already the host of line {line}", name=name, line=first)
            continue
        machine = (table.get("address", name), table.get("port", 0))
        if (first := addresses.setdefault(machine, lines.of(number))) != lines.of(number):
            told = tr("the address is already that of line {line}: a host is named once", line=first)
            yield lines.of(number, "address"), told


def _own_faults(table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield which key of a host is wrong, and how it is to be."""
    name, seats, port = (table.get(key) for key in ("name", "seats", "port"))
    if not isinstance(name, str) or not ROOM_NAME.fullmatch(name):
        told = tr('its name is to be a small letter, then at most 30 small letters, digits and -: name = "north"')
        yield "name", told
    if "seats" in table and (type(seats) is not int or not 1 <= seats <= len(UIDS)):
        told = tr(
            "at most it holds 1 to {most} seats: seats = 30; without that line its memory and cores tell",
            most=len(UIDS),
        )
        yield "seats", told
    for key, example in (("address", "192.0.2.7"), ("user", "lab")):
        if key in table and not (isinstance(table[key], str) and WORD.fullmatch(table[key])):
            yield key, tr('this is no {key}: {key} = "{example}"', key=key, example=example)
    if "port" in table and (type(port) is not int or port not in SSH_PORTS):
        yield "port", tr("this is no port: port = 22")
