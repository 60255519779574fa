"""The lines that count of what a program prints, and when each came: however much else there is, none is left out.

The program has a terminal, as a student's has: there a line is written when it is printed, and not at the end.
"""

import re
import time
from collections import deque
from dataclasses import dataclass, field

from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen
from checks.judging.traced import ESCAPE
from lab.trace import History

KEPT = 500  # lines, the last ones
LONGEST = 4096  # bytes of a line that are looked at, its last
END = re.compile(rb"[\r\n]+")


@dataclass(frozen=True)
class Line:
    """A line that was printed, and when."""

    moment: float
    text: str


@dataclass
class Listener:
    """What comes, a piece at a time, and of it the lines that match."""

    pattern: re.Pattern[str]
    found: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=KEPT))
    rest: bytes = b""
    moment: float = 0.0

    def add(self, piece: bytes) -> None:
        """Look at the lines that are whole now."""
        self.moment = time.monotonic()
        *lines, rest = END.split(self.rest + piece)
        self.rest = rest[-LONGEST:]
        for line in lines:
            self.look_at(line)

    def look_at(self, line: bytes) -> None:
        """Keep a line, without colours, and when its end came, if it matches."""
        text = ESCAPE.sub("", line[-LONGEST:].decode("utf-8", "replace"))
        if self.pattern.search(text):
            self.found.append((self.moment, text))

    def evidence(self, began: float) -> Evidence:
        """Return `heard`: `[moment, line]` of the last lines that match, what came last too, which may have no end."""
        self.look_at(self.rest)
        return {"heard": [[round(when - began, 4), text] for when, text in self.found]}


def run(seat: Seat, slug: str, pattern: re.Pattern[str]) -> Evidence:
    """Run the program to its end, and keep the lines that match."""
    listener = Listener(pattern)
    with seat.started(slug, terminal=True, heed=listener.add, apart=True) as running:
        running.wait()
        began = time.monotonic() - running.moment()
    return running.evidence() | listener.evidence(began)


def lines(evidence: Evidence) -> list[Line]:
    """Return the lines that were heard."""
    return [Line(moment, text) for moment, text in evidence["heard"]]


def may_have_printed(seen: Seen, process: History, line: Line) -> bool:
    """Tell whether a process may have printed a line: by then it had written so much, as far as is known."""
    until, size = line.moment + seen.unseen, len(line.text.encode())
    if not process.written:
        return True
    if until < seen.ended_at(process):
        return seen.wrote(process, -1.0, until) >= size
    return process is not seen.root or wrote_itself(seen) >= size  # of any other, the last words may have been missed


def wrote_itself(seen: Seen) -> int:
    """Return the bytes that the first process wrote in all, without those of the children that it has reaped."""
    reaped = [child for child in seen.trace.children(seen.root) if seen.is_reaped(child)]
    return seen.root.written[-1].value - sum(child.written[-1].value for child in reaped if child.written)
