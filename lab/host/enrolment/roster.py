"""The roster: who has which seat. A CSV of the instructor's, `seat,name,key`, read once and then remembered in .lab.

A fourth column, `room`, may say in which room of many hosts a seat is (lab/host/hosts/).
"""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from lab.host.command import GENERATED, LabError
from lab.host.enrolment import public_key, table
from lab.host.enrolment.public_key import KeyFaultError
from lab.host.python import ROOT
from lab.invisible import hidden
from lab.language import tr, tr_count

UIDS = range(20001, 21000)  # images/Dockerfile makes a door's folder for each
HEADER = ["seat", "name", "key"]
ROOM = "room"
LOGIN = re.compile(r"[a-z][a-z0-9_-]{0,30}")
ROOM_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")  # a host's too: it becomes a part of a compose project's name
REMEMBERED = GENERATED / "roster.json"
NONE = Path("none")  # as the name of a roster: no class, but the three seats that there were before any
SHOWN = 60  # characters of a line that is not understood
SYSTEM = ROOT / "images" / "base"  # its passwd and group are those of every image


@dataclass(frozen=True)
class Seat:
    """One student's place in the lab."""

    login: str
    name: str  # any Unicode
    key: str  # OpenSSH public keys without their comments, one a line, or empty
    uid: int
    room: str = ""  # that the roster names


DEFAULT = tuple(Seat(f"client{number}", "", "", 20000 + number) for number in (1, 2, 3))  # compose.yaml's own


@dataclass(frozen=True)
class _Row:
    line: int
    login: str
    name: str
    key: str
    room: str = ""


def current() -> list[Seat]:
    """Return the roster in force; without one, the three seats that compose.yaml has."""
    if not in_force():
        return list(DEFAULT)
    return [Seat(**seat) for seat in json.loads(REMEMBERED.read_text(encoding="utf-8"))]


def in_force() -> bool:
    """Tell whether a roster was given, and not taken back by `make clean`."""
    return REMEMBERED.exists()


def remember(seats: Iterable[Seat]) -> None:
    """Put a roster in force; whatever interrupts this, the old one or the new one is."""
    write_private(REMEMBERED, json.dumps([asdict(seat) for seat in seats], ensure_ascii=False, indent=1))


def write_private(path: Path, text: str) -> None:
    """Write a file that only we may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}")  # two makes may write the same one at the same time
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def read(path: Path, taken: Mapping[str, int] | None = None) -> list[Seat]:
    """Return the seats of a CSV, or of NONE. Raises LabError, which names every fault by its line.

    `taken` are the UIDs that belong to somebody: a login that is among them gets its own, the others get others.
    """
    faults: list[tuple[int, str]] = []
    if path == NONE:
        rows = [_Row(0, seat.login, seat.name, seat.key) for seat in DEFAULT]
    else:
        rows = list(_rows(_text(path), faults))
        faults += _faults(rows)
    uids = assign([row.login for row in rows], taken or {})
    if len(uids) < len({row.login for row in rows}):
        most = len(UIDS)
        fault = tr("there are UIDs for {most} seats, those with kept work included, not more", most=most)
        faults.append((rows[-1].line, fault))
    if faults:
        head = tr("nothing was changed, since the roster has faults:")
        listed = "\n".join(tr("  line {line}: {fault}", line=line, fault=fault) for line, fault in sorted(faults))
        raise LabError(f"{path}: {head}\n{listed}")
    rooms = {row.login: row.room for row in rows}
    return [
        Seat(login, name, "\n".join(keys), uids[login], rooms[login]) for (login, name), keys in _keys_of(rows).items()
    ]


def _keys_of(rows: Iterable[_Row]) -> dict[tuple[str, str], list[str]]:
    """Return the keys of each student, each once, in the order of the rows."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for row in rows:
        found.setdefault((row.login, row.name), {}).update(dict.fromkeys(public_key.parse_all(row.key)))
    return {student: list(keys) for student, keys in found.items()}


def _text(path: Path) -> str:
    """Return the file's text, without the mark that Windows puts in front. Raises LabError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LabError(
            tr(
                "The roster cannot be read: {path}: {strerror}. Name a CSV file: ROSTER=class.csv",
                path=path,
                strerror=error.strerror,
            )
        ) from error
    try:
        return table.decoded(data)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise LabError(
            tr("{path}: line {line} is not UTF-8: save it as 'CSV UTF-8 (comma delimited)'.", path=path, line=line)
        ) from error


def _rows(text: str, faults: list[tuple[int, str]]) -> Iterator[_Row]:
    """Yield the rows that are three cells, and note what the others are."""
    found = 0
    try:
        columns = _columns(text)
        for found, row in enumerate(table.rows(text, columns), start=1):
            if found == 1 and [cell.lower() for cell in row.cells] != columns:
                faults.append((row.line, _no_header(row.text)))
                return
            if found > 1 and len(row.cells) == len(columns):
                yield _Row(row.line, *row.cells)
            elif found > 1:
                faults.append((row.line, _other_cells(row, columns)))
    except table.NoTableError as error:
        fault = tr("this is no CSV ({error}): look for a lone quotation mark", error=error)
        faults.append((error.line, fault))
        return
    if found < 2:
        fault = tr("there is no seat in it: a line `{}`, then a line for each student")
        faults.append((found + 1, fault.format(",".join(HEADER))))


def _columns(text: str) -> list[str]:
    """Return the names of the columns: HEADER, or that and `room`. Raises NoTableError."""
    wider = [*HEADER, ROOM]
    first = next(table.rows(text, wider), None)
    return wider if first and [cell.lower() for cell in first.cells] == wider else HEADER


def _no_header(line: str) -> str:
    wanted = ",".join(HEADER)
    return tr(
        "the first line must be `{wanted}`, separated by commas, and is {line}", wanted=wanted, line=_quoted(line)
    )


def _other_cells(row: table.Row, columns: Sequence[str]) -> str:
    cells = tr_count(len(row.cells), "there is {n} cell", "there are {n} cells")
    return cells + tr(
        ", not {count}: {columns} (the last may be empty), in {text}",
        count=len(columns),
        columns=", ".join(columns),
        text=_quoted(row.text),
    )


def _quoted(line: str) -> str:
    """Return the beginning of a line, so that what does not print can be seen."""
    return repr(line if len(line) <= SHOWN else line[:SHOWN] + "…")


def _faults(rows: Iterable[_Row]) -> Iterator[tuple[int, str]]:
    """Yield what is wrong with each row by itself, and beside those above it."""
    reserved = reserved_logins()
    first: dict[str, _Row] = {}
    keys: dict[str, _Row] = {}
    for row in rows:
        own = (*_login_faults(row.login, reserved), *_name_faults(row.name), *_room_faults(row.room))
        faults = (*own, *_repeated(row, first, keys))
        yield from ((row.line, fault) for fault in faults)


def _repeated(row: _Row, rows: dict[str, _Row], keys: dict[str, _Row]) -> Iterator[str]:
    """Yield what an earlier row has already, and what is no key; note the row of what is new.

    A second row of the same seat and name brings another key.
    """
    first = rows.setdefault(row.login, row)
    if first is not row and ((first.name, first.room) != (row.name, row.room) or not row.key):
        yield tr(
            "the seat {login} is already that of line {line}: give it another name", login=row.login, line=first.line
        )
    try:
        found = public_key.parse_all(row.key)
    except KeyFaultError as fault:
        yield str(fault)
        return
    for key in found:
        if (first := keys.setdefault(key, row)).login != row.login:
            yield tr("the key is already that of line {line}: each student needs their own", line=first.line)


def _login_faults(login: str, reserved: Iterable[str]) -> Iterator[str]:
    if not LOGIN.fullmatch(login):
        yield tr("{login!r} is no seat: a small letter, then at most 30 small letters, digits, _ and -", login=login)
    elif login in reserved:
        yield tr("the seat cannot be named {login}, which the system needs: choose another name", login=login)


def _name_faults(name: str) -> Iterator[str]:
    if not name:
        yield tr("the name is empty: whose seat is it?")
    elif letter := hidden(name):
        yield tr(
            "the name {name!r} has a control character in it, or an invisible one, U+{letter:04X}: type it anew",
            name=name,
            letter=ord(letter),
        )


def _room_faults(room: str) -> Iterator[str]:
    if room and not ROOM_NAME.fullmatch(room):
        yield tr("{room!r} is no room: a small letter, then at most 30 small letters, digits and -", room=room)


def reserved_logins() -> set[str]:
    """Return the names that the images' own users and groups have, and those of the lab's parts."""
    lines = [line for file in ("passwd", "group") for line in (SYSTEM / file).read_text(encoding="utf-8").splitlines()]
    names = {line.partition(":")[0] for line in lines}
    return (names - {seat.login for seat in DEFAULT}) | {"server", "gate", "admin"}


def assign(logins: Iterable[str], taken: Mapping[str, int]) -> dict[str, int]:
    """Return a UID a login, as far as there are any: its own where it has one, else the lowest that is nobody's."""
    free = iter(uid for uid in UIDS if uid not in set(taken.values()))
    uids: dict[str, int] = {}
    for login in logins:
        if login not in uids and (uid := taken.get(login) or next(free, None)):
            uids[login] = uid
    return uids
