"""The chat protocol: how bytes become lines, which names may log in, and the words of the server.

Both ends speak newline-terminated UTF-8 lines, so `socat - UNIX-CONNECT:PATH` is a client too.
"""

import re
import unicodedata
from collections.abc import Iterator
from enum import Enum

from lab.invisible import hidden
from lab.language import tr

MAX_LINE = 4096  # bytes, without the newline
MAX_NAME = 32  # characters
LOGIN_TRIES = 5
LOGIN_SECONDS = 60.0
ADMIN = "admin"

WELCOME = "* welcome "
ERROR = "* error: "
REMOVED = "* removed: "
ACCEPTED = "* accepted "
GOODBYE = "* server is shutting down"

# C0 and C1, Unicode's own line and paragraph ends, and what turns the direction of text (UAX #9, explicit formatting).
CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Fault(Enum):
    """Why a line was dropped."""

    TOO_LONG = 1
    NOT_UTF8 = 2
    UNFINISHED = 3

    @property
    def reason(self) -> str:
        """What the sender is told, in the chosen language."""
        return {
            Fault.TOO_LONG: tr(
                "a line is at most {max_line} bytes; yours was dropped up to its newline, send it in parts",
                max_line=MAX_LINE,
            ),
            Fault.NOT_UTF8: tr("a line must be UTF-8; yours was dropped, set your terminal or program to UTF-8"),
            Fault.UNFINISHED: tr("the last line has no newline and was dropped; end every line with one"),
        }[self]


class LineParser:
    """Cuts a byte stream into lines, whatever the pieces it comes in; holds `limit` bytes at most."""

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._limit = limit
        self._start = b""  # of the line that has no newline yet
        self._skipping = False  # the rest of a line that was too long

    @property
    def is_inside(self) -> bool:
        """Tell whether a line has begun and not ended."""
        return bool(self._start) or self._skipping

    def feed(self, data: bytes) -> Iterator[str | Fault]:
        """Yield what the bytes so far complete: a line without its newline, or why it was dropped."""
        *ended, rest = data.split(b"\n")
        for piece in ended:
            if not self.is_inside and len(piece) <= self._limit:
                yield _decoded(piece)
                continue
            yield from self._take(piece)
            if not self._skipping:
                yield _decoded(self._start)
            self._start, self._skipping = b"", False
        if rest:
            yield from self._take(rest)

    def finish(self) -> Iterator[Fault]:
        """Yield the fault of a stream that ends in the middle of a line: it may be half of what was meant."""
        if self._start:
            yield Fault.UNFINISHED
        self._start = b""

    def _take(self, piece: bytes) -> Iterator[Fault]:
        if self._skipping:
            return
        self._start += piece
        if len(self._start) > self._limit:
            self._start, self._skipping = b"", True
            yield Fault.TOO_LONG


def _decoded(line: bytes) -> str | Fault:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return Fault.NOT_UTF8


def clean(text: str) -> str:
    """Drop the control characters but tab: no message may drive a terminal, or look like two lines."""
    return text if text.isprintable() else CONTROL.sub("", text)


def normal_name(line: str) -> str:
    """Return the login name that a line asks for: NFC, and without the CR of a client that ends lines in CRLF."""
    return unicodedata.normalize("NFC", line.removesuffix("\r"))


def name_fault(name: str) -> str | None:
    """Say why nobody may log in under this (normal) name, in the chosen language; None if one may."""
    if not name:
        return tr("a name cannot be empty; type one")
    if len(name) > MAX_NAME:
        return tr(
            "a name has at most {max_name} characters, yours has {count}; choose a shorter one",
            max_name=MAX_NAME,
            count=len(name),
        )
    if name[0] in "*/":
        return tr("a name cannot begin with {name}; choose another", name=name[0])
    if unicodedata.normalize("NFKC", name).casefold() == ADMIN:
        return tr("the name {admin} is reserved; choose another", admin=ADMIN)
    return _character_fault(name)


def _character_fault(name: str) -> str | None:
    if any(char.isspace() or char == ":" for char in name):
        return tr("a name has no space and no colon; choose another")
    if char := hidden(name):
        return tr(
            "a name has no control or invisible character (yours has U+{char:04X}); choose another", char=ord(char)
        )
    if any(unicodedata.category(char) in ("Ps", "Pe") for char in unicodedata.normalize("NFKC", name)):
        return tr("a name has no bracket, since /who puts the seat in brackets; choose another")
    if unicodedata.category(name[0]).startswith("M"):
        return tr("a name cannot begin with a combining mark; choose another")
    return None


def encode(line: str) -> bytes:
    """Return the line as it goes over the wire; bytes of an argument that were not UTF-8 go as they came."""
    return line.encode(errors="surrogateescape") + b"\n"
