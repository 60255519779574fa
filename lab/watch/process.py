"""One process of a seat: what /proc says of it, and what a frame says.

Its stat file stays open: reading it again at offset 0 costs half of opening it anew, and never speaks of another
process that was given the same pid. The line of a process that slept is the same as before, and is not parsed. The
seat's own pids are in /proc/PID/status, read again only when there is another group or session; the arguments are in
/proc/PID/cmdline, read after an exec, and every two seconds, since a program may write a title over them.
"""

import json
import os

from lab.invisible import is_blank
from lab.proc import PROC, TICKS_PER_SECOND

ARGUMENT_BYTES = 1024  # of the arguments: 200 characters are at most 800
COMMAND_LIMIT = 200  # characters shown
TITLE_SECONDS = 2.0  # between two looks for a new title


class Process:
    """A process that is looked at. `pid` and `ppid` are the machine's, `own` and `parent` the seat's numbers."""

    def __init__(self, pid: int, status: str, now: float) -> None:
        """Take its status, and look at it. Raises OSError, one of proc.GONE if it is no longer there."""
        self.pid = pid
        self.own = self.parent = self.ppid = 0
        self.start = 0
        self.reaps = 0
        self.has_reaped = False  # whether a wait of it returned a child between the last two looks
        self._group = self._session = 0  # the seat's
        self._groups: tuple[bytes, ...] = ()  # the machine's
        self._told: tuple[bytes, ...] = ()
        self._image = (b"", b"")  # its name, and the size of its memory: not both are the same after an exec
        self._faults: int | None = None
        self._line = self._arguments = b""
        self._command = ""
        self._next_title = 0.0
        self._number(status)
        self._file = os.open(f"{PROC}/{pid}/stat", os.O_RDONLY)
        try:
            self.look(now)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Look no more."""
        os.close(self._file)

    @property
    def threads(self) -> int:
        """How many threads it has."""
        return int(self._told[2])

    def look(self, now: float) -> bool:
        """Look again, and tell whether anything that a row tells has changed. Raises ProcessLookupError: it is gone."""
        self.has_reaped = False
        line = os.pread(self._file, 2048, 0)
        is_other = line != self._line and self._parse(line, now)
        if not self._told:  # it was reaped before the first look was over
            raise ProcessLookupError
        is_renamed = now >= self._next_title and self._name(now)
        return is_other or is_renamed

    def _parse(self, line: bytes, now: float) -> bool:
        """Take another line of proc_pid_stat(5): `fields` begins with the third, the state."""
        self._line = line
        opening, closing = line.index(b"("), line.rindex(b")")
        fields = line[closing + 2 :].split(b" ", 21)
        groups = tuple(fields[2:4])
        if groups[1] == b"-1":  # it was reaped while the kernel wrote this: it has no session any more
            return False
        if groups != self._groups:
            self._groups = groups
            self._number(read_status(self.pid))
        image = line[opening + 1 : closing], fields[20]
        if image != self._image:
            self._image, self._next_title = image, now
        self._take_faults(int(fields[8]))
        self.ppid, self.start = int(fields[1]), int(fields[19])
        before, self._told = self._told, (fields[0], fields[16], fields[17], *groups, fields[1])
        return before != self._told

    def _number(self, status: str) -> None:
        """Take its numbers in the seat: the second ones, since the first are the machine's."""
        numbers = {name: seats_own(status, name) for name in ("NSpid", "NSpgid", "NSsid")}
        if numbers["NSpid"]:
            self.own, self._group, self._session = numbers.values()

    def _take_faults(self, faults: int) -> None:
        """Take the page faults of the children that it has waited for: each wait that returns one adds its own."""
        self.has_reaped = self._faults is not None and faults > self._faults
        self._faults = faults

    def _name(self, now: float) -> bool:
        """Read the arguments, and tell whether they are others. Who has none, such as a zombie, keeps those it had."""
        self._next_title = now + TITLE_SECONDS
        arguments = read(f"{PROC}/{self.pid}/cmdline", ARGUMENT_BYTES).rstrip(b"\0")
        if not arguments and self._told[0] not in (b"Z", b"X"):
            self._next_title = now  # in the middle of an exec
        if self._command and (not arguments or arguments == self._arguments):
            return False
        self._arguments = arguments
        self._command = shown(arguments.replace(b"\0", b" ") or b"[%s]" % self._image[0])
        return True

    def row(self) -> bytes:
        """Return what a frame says of it, as JSON."""
        state, niceness, threads = self._told[:3]
        told = {
            "pid": self.own,
            "ppid": self.parent,
            "pgid": self._group,
            "sid": self._session,
            "state": state.decode(),
            "nice": int(niceness),
            "threads": int(threads),
            "command": self._command,
            "start": self.start / TICKS_PER_SECOND,
            "reaps": self.reaps,
        }
        return json.dumps(told).encode()


def seats_own(status: str, name: str) -> int:
    """Return a number of /proc/PID/status as the seat has it; 0 if it is gone."""
    numbers = numbers_of(status, name)
    return numbers[min(1, len(numbers) - 1)]  # where there are no containers, the machine's is the only one


def numbers_of(status: str, name: str) -> list[int]:
    """Return the numbers of a process, group or session in each PID namespace from the reader's own on inwards."""
    _, found, rest = status.partition(f"\n{name}:\t")
    return [int(number) for number in rest.partition("\n")[0].split("\t")] if found else [0]


def read_status(pid: int | str) -> str:
    """Return /proc/PID/status; "" if the process is gone."""
    return read(f"{PROC}/{pid}/status", 8192).decode(errors="replace")


def shown(raw: bytes) -> str:
    r"""Return text that can be printed in one line, whatever the bytes: what draws nothing reads \x1b, \u202e."""
    text = raw.decode("utf-8", "backslashreplace")[: COMMAND_LIMIT + 1]
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_drawn, text))
    return text if len(text) <= COMMAND_LIMIT else text[: COMMAND_LIMIT - 1] + "…"


def _drawn(character: str) -> str:
    is_drawn = character.isprintable() and not is_blank(character)
    return character if is_drawn else character.encode("unicode_escape").decode()


def read(path: str, most: int) -> bytes:
    """Return the beginning of a file of /proc; nothing if it is gone, which the next look at its process sees."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(file, most)
    except OSError:
        return b""
    finally:
        os.close(file)
