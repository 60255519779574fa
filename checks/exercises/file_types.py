"""Exercise 1, live: a file of each type that needs no privilege, under given names."""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from checks.judging.result import Check, Compared, Mistake, Result, other_values, results
from checks.judging.seat import Evidence, Seat
from lab.exercises.file_types.values import NAMES
from lab.language import tr
from lab.proc import readable
from lab.student.seed import Values
from lab.trace.timeline import fit, printable

FOLDER = "types"
PLACE = f"~/work/{FOLDER}"  # as the student calls it
WANTED = {"directory": "d", "file": "-", "link": "l", "socket": "s", "pipe": "p"}
WIDTH = 80
ROWS = 30
MOST = 200  # entries that are looked at, those that are asked for before all others


def observe(seat: Seat, values: Values) -> Evidence:
    """Look at the folder."""
    seat.enter()
    names = {str(values[which]) for which in WANTED}
    with seat.as_student():
        return {"traces": [], "entries": entries(seat.work / FOLDER, names), "folder": mode_of(seat.work / FOLDER)}


def mode_of(path: Path) -> str | None:
    """Return what a path leads to as `ls -l` shows it, None if to nothing."""
    try:
        return stat.filemode(path.stat().st_mode)
    except OSError:
        return None


def entries(folder: Path, names: set[str]) -> list[dict[str, Any]] | None:
    """Return what is in a folder, those of the given names first, None if it is no folder that can be read."""
    try:
        paths = sorted(folder.iterdir(), key=lambda path: (path.name not in names, path))[:MOST]
        return [found for path in paths if (found := entry(path))]
    except OSError:
        return None


def entry(path: Path) -> dict[str, Any] | None:
    """Return what the kernel says of one file, and where it leads if it is a link; None if it is gone.

    Raises OSError of one in a folder that has names, and nothing else, to be read.
    """
    try:
        found = path.lstat()
        target = readable(os.fsencode(path.readlink())) if stat.S_ISLNK(found.st_mode) else None
    except FileNotFoundError:
        return None
    return {
        "name": readable(os.fsencode(path.name)),
        "mode": stat.filemode(found.st_mode),
        "links": found.st_nlink,
        "target": target,
        "resolves": resolves_now(path),
    }


def resolves_now(path: Path) -> bool | None:
    """Tell whether a path leads to something, None where the student may not know."""
    try:
        path.stat()
    except PermissionError:
        return None
    except OSError:
        return False
    return True


@dataclass(frozen=True)
class Folder:
    """What was seen: the entries by name."""

    entries: dict[str, dict[str, Any]]

    def type_of(self, name: object) -> str:
        """Return the letter of a file's type, "" if it is not there."""
        found = self.entries.get(str(name))
        return str(found["mode"])[0] if found else ""

    def mistake(self, key: str, rationale: str, *, advice: str, compared: Compared) -> Mistake:
        """Return a mistake, with the rows of ls."""
        return Mistake(key, rationale, advice=advice, compared=compared, rows=self.rows)

    @property
    def rows(self) -> str:
        """The rows as `ls -l` prints them, without what nobody asks here."""
        shown = [fit(row(found), WIDTH) for found in list(self.entries.values())[:ROWS]]
        rest = [f"… {len(self.entries) - ROWS}"] if len(self.entries) > ROWS else []
        return "\n".join([f"$ ls -l {PLACE}", *shown, *rest])


def row(found: dict[str, Any]) -> str:
    """Return one row."""
    leads = f" -> {printable(found['target'])}" if found["target"] is not None else ""
    return f"{found['mode']} {printable(found['name'])}{leads}"


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say of which type each name is."""
    folder = Folder({found["name"]: found for found in evidence["entries"] or []})
    checks = [Check("there", tr("the five names are there"), lambda: are_there(folder, values, no_folder(evidence)))]
    for which, letter in WANTED.items():
        description = tr("{values} is of type {letter}", values=values[which], letter=letter)
        checks.append(Check(which, description, partial(is_of_type, folder, values, which), after="there"))
    description = tr("{link} leads to something that exists", link=values["link"])
    checks.append(Check("resolves", description, lambda: resolves(folder, values), after="link"))
    return results(*checks)


def no_folder(evidence: Evidence) -> Mistake | None:
    """Return the mistake of a folder that is not there, or not to be looked into."""
    if evidence["entries"] is not None:
        return None
    if mode := evidence["folder"]:
        rationale = tr("{place} is no folder that can be read: {mode}", place=PLACE, mode=mode)
        advice = tr("chmod 755 it if it is a directory; else move it away")
        return Mistake("no-folder", rationale, advice=advice, compared=("drwxr-xr-x", mode), rows=f"{mode} {FOLDER}")
    return Mistake(
        "no-folder",
        tr("there is no folder {place}", place=PLACE),
        advice=tr("make it first: mkdir -p {place}", place=PLACE),
        compared=(PLACE, tr("not there")),
        rows=f"$ ls -ld {PLACE}\nls: cannot access '{PLACE}': No such file or directory",
    )


def are_there(folder: Folder, values: Values, no_folder: Mistake | None) -> None:
    """Find each name, whatever it is."""
    if no_folder:
        raise no_folder
    missing = [str(values[which]) for which in WANTED if not folder.type_of(values[which])]
    is_all = len(missing) == len(WANTED)
    drawn = {name for names in NAMES.values() for name in names}  # another seat's, it may be
    others = [name for name in folder.entries if name in drawn]
    types = {str(folder.entries[name]["mode"])[0] for name in others}
    names = ", ".join(missing)
    if is_all and types >= set(WANTED.values()):
        there = ", ".join(printable(name) for name in others[: len(WANTED)])
        raise other_values(
            tr("the five types are there, under other names: {there}", there=there),
            values["number"],
            compared=(names, there),
            rows=folder.rows,
        )
    if missing:
        raise not_there(folder, names)


def not_there(folder: Folder, names: str) -> Mistake:
    """Return the mistake of names that are not there."""
    return folder.mistake(
        "not-there",
        tr("in {place} is no {names}", place=PLACE, names=names),
        advice=tr("each name must be in {place} itself, not in a folder below it: pwd says where you are", place=PLACE),
        compared=(names, tr("not there")),
    )


def is_of_type(folder: Folder, values: Values, which: str) -> None:
    """See that a name is of its type."""
    if folder.type_of(values[which]) != WANTED[which]:
        raise of_another_type(folder, which, values[which])


def of_another_type(folder: Folder, which: str, name: object) -> Mistake:
    """Return the mistake of a name of another type; a hard link has a hint of its own."""
    was, letter = folder.type_of(name), WANTED[which]
    is_hard_link = which == "link" and was == "-" and folder.entries[str(name)]["links"] > 1
    return folder.mistake(
        "hard-link" if is_hard_link else f"not-{which}",
        tr("{name} is {was}, not {letter}", name=name, was=called(was), letter=called(letter)),
        advice=hard_link_advice() if is_hard_link else advice(which),
        compared=(letter, was),
    )


def resolves(folder: Folder, values: Values) -> None:
    """Follow the link."""
    found = folder.entries[str(values["link"])]
    if found["resolves"]:
        return
    target = printable(found["target"])
    raise dangling(folder, values, target) if found["resolves"] is False else hidden(folder, values, target)


def hidden(folder: Folder, values: Values, target: str) -> Mistake:
    """Return the mistake of a link to where its owner may not look."""
    return folder.mistake(
        "hidden",
        tr("{link} leads to {target}, where you may not look: Permission denied", link=values["link"], target=target),
        advice=tr("let it lead to a file of your own, with ln -sf TARGET NAME"),
        compared=(tr("a target that exists"), target),
    )


def dangling(folder: Folder, values: Values, target: str) -> Mistake:
    """Return the mistake of a link that leads to nothing."""
    return folder.mistake(
        "dangling",
        tr("{link} leads to {target}, and in the end to no file: it dangles", link=values["link"], target=target),
        advice=tr(
            "a relative target is looked up from the link's own folder, wherever you were when you made it: cd "
            "{place}, then ln -sf TARGET NAME",
            place=PLACE,
        ),
        compared=(tr("a target that exists"), target),
    )


def called(letter: str) -> str:
    """Return the words for a type."""
    words = {
        "d": tr("a directory"),
        "-": tr("a regular file"),
        "l": tr("a symbolic link"),
        "s": tr("a socket"),
        "p": tr("a named pipe"),
    }
    return words.get(letter, letter)


def advice(which: str) -> str:
    """Return how each type is made."""
    words: dict[str, Callable[[], str]] = {
        "directory": lambda: tr("remove it, and make it with mkdir"),
        "file": lambda: tr("remove it, and make it with touch, or with >"),
        "link": lambda: tr("remove it, and make it with ln -s"),
        "socket": lambda: tr(
            "a name does not make a socket: remove it, and let a program bind a socket of AF_UNIX to this name"
        ),
        "pipe": lambda: tr("remove it, and make it with mkfifo"),
    }
    return words[which]()


def hard_link_advice() -> str:
    """Return what is wrong with ln without -s."""
    return tr("ln without -s makes a second name for the same file, a hard link: remove it, and use ln -s")
