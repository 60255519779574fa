"""What a server that answers each line with a line has made of what a client said: the first thing that is not so.

Lines are counted, not what a `recv` brings: two may come in one go, and one in parts.
"""

import statistics
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from checks.judging.crowd import Visit, visits
from checks.judging.result import Mistake
from checks.judging.serving import Served
from lab.language import tr, tr_as, tr_count

SOON = 0.5  # seconds in which an answer comes without delay
FAREWELL = 0.5  # seconds before it hangs up in which a server may say that it does


@dataclass(frozen=True)
class Line:
    """A line that a client has said: when its end was sent, and how."""

    moment: float
    text: str
    together: bool = False  # it came in one go with the line before it
    parts: bool = False
    silence: float = 0.0  # seconds for which its client said nothing before the last part, or before what happened
    is_open: bool = False  # its end has not come yet


@dataclass(frozen=True)
class Fault:
    """The first thing that is not so of a visit.

    `kind` is "unanswered", "wrong" (another text), "blank" (an empty line), "unasked" (there was nothing to answer),
    "half" (the line had no end yet), "together" (of lines that came in one go, not each was answered), "no-newline",
    "dropped" (it was answered, and would have stayed).
    """

    kind: str
    visit: Visit
    line: Line
    heard: str = ""
    answers: int = 0


def first_fault(visit: Visit, is_right: Callable[[str, str], bool]) -> Fault | None:
    """Return the first fault of a visit; `is_right(answer, line)` tells whether an answer is one to that line."""
    return Replay(visit, is_right).fault()


class Replay:
    """A visit, event for event: the lines that wait for their answer, and how many were answered."""

    def __init__(self, visit: Visit, is_right: Callable[[str, str], bool]) -> None:
        self.visit = visit
        self.is_right = is_right
        self.waiting: deque[Line] = deque()
        self.begun = ""
        self.began = visit.entered  # the last part of a line that has no end yet
        self.last = Line(visit.entered, "")
        self.answers = 0

    def fault(self) -> Fault | None:
        """Return the first fault."""
        for number, (moment, kind, text) in enumerate(self.visit.events):
            if kind in ("hear", "part") and not self.waiting and is_farewell(self.visit, number):
                return None
            if wrong := self.take(moment, kind, text):
                return wrong
        if not self.waiting:
            dropped = self.visit.dropped
            return self.found("dropped", self.current(dropped)) if dropped is not None else None
        left = self.waiting[0]
        return self.found("together" if left.together else "unanswered", left)

    def take(self, moment: float, kind: str, text: str) -> Fault | None:
        """Take in the next event; return what is wrong with it."""
        if kind == "begin":
            self.begun += text
            self.began = moment
        elif kind == "say":
            self.waiting.extend(lines_of(moment, text, self.begun, self.began))
            self.begun = ""
        elif kind == "hear":
            return self.hear(moment, text)
        elif kind == "part":
            return self.hear_part(moment, text)
        return None

    def hear(self, moment: float, text: str) -> Fault | None:
        """Take in a line of the server's."""
        if not self.waiting:
            return self.found(unasked(text, self.begun), self.current(moment), text)
        self.last = self.waiting.popleft()
        if not self.is_right(text, self.last.text):
            return self.found(what_is_wrong(text, self.last), self.last, text)
        self.answers += 1
        return None

    def hear_part(self, moment: float, text: str) -> Fault:
        """Take in what has no end of a line."""
        line = self.waiting[0] if self.waiting else self.current(moment)
        is_half = self.answers > 0 and (bool(self.begun) or line.parts)
        return self.found("half" if is_half else "no-newline", line, text)

    def current(self, moment: float) -> Line:
        """Return the line that has been begun at a moment, or else the last one that was said."""
        if not self.begun:
            return self.last
        return Line(moment, self.begun, silence=moment - self.began, is_open=True)

    def found(self, kind: str, line: Line, heard: str = "") -> Fault:
        """Return a fault of this visit."""
        return Fault(kind, self.visit, line, heard, self.answers)


def lines_of(moment: float, text: str, begun: str, began: float) -> list[Line]:
    """Return the lines that were said in one go, the first of which may have begun before, and when its last part."""
    first, *more = text.split("\n")
    whole = Line(moment, begun + first, parts=True, silence=moment - began) if begun else Line(moment, first)
    return [whole, *(Line(moment, line, together=True) for line in more)]


def unasked(text: str, begun: str) -> str:
    """Return what it is that a server has said to who had no answer to come."""
    return "half" if begun else "unasked" if text else "blank"


def what_is_wrong(text: str, line: Line) -> str:
    """Return what kind of a wrong answer it is."""
    if not text:
        return "blank"
    if line.together and text == line.text:  # the lines were sent back as one
        return "together"
    return "half" if line.parts else "wrong"


def is_farewell(visit: Visit, number: int) -> bool:
    """Tell whether an event is the last thing that a server says to whom it drops."""
    moment = visit.events[number][0]
    later = visit.events[number + 1 :]
    return bool(later) and all(kind in ("part", "dropped") for _, kind, _ in later) and later[-1][0] - moment < FAREWELL


def about_answers(served: Served, fault: Fault, otherwise: Callable[[Served, Fault], Mistake]) -> Mistake | None:
    """Return the mistake of a server that says something else; `otherwise` is that of a wrong answer, None of none."""
    if fault.kind == "unasked":
        return said_unasked(served, fault)
    return otherwise(served, fault) if fault.kind == "wrong" else about_lines(served, fault)


def about_lines(served: Served, fault: Fault) -> Mistake | None:
    """Return the mistake of a server to whom a line is not what ends at its newline; None of any other fault."""
    if fault.kind in ("no-newline", "together"):  # or the rest would have come
        served.seen.can_tell(1)
    kinds = {"no-newline": no_newline, "blank": blank_line, "half": half_line, "together": per_recv}
    return kinds[fault.kind](served, fault) if fault.kind in kinds else None


def no_newline(served: Served, fault: Fault) -> Mistake:
    """Return the mistake of an answer that has no end."""
    return served.mistake(
        "no-newline",
        tr("{name} was sent “{heard}”, without a newline at its end", name=fault.visit.name, heard=fault.heard),
        advice=tr("an answer is a line: it ends with \\n, or the client goes on waiting for the rest of it"),
        compared=(tr("a newline at the end"), tr("none")),
    )


def blank_line(served: Served, fault: Fault) -> Mistake:
    """Return the mistake of a server that sends a line with nothing in it."""
    return served.mistake(
        "blank-line",
        tr("{name} said “{text}”, and was sent an empty line", name=fault.visit.name, text=fault.line.text),
        advice=tr("the answer, then one newline: is there one already at the end of what recv brings? strip it first"),
        compared=(tr("one line"), tr_as("counted", "an empty line")),
    )


def half_line(served: Served, fault: Fault) -> Mistake:
    """Return the mistake of a server that answers before the line has come to its end."""
    return served.mistake(
        "half-line",
        tr(
            "{name} said “{text}” in parts, and your server took a part for a line",
            name=fault.visit.name,
            text=fault.line.text,
        ),
        advice=tr(
            "one recv may bring half a line: keep what has no newline yet until the rest comes, or let "
            "makefile() read line by line"
        ),
        compared=(tr("one answer to one line"), fault.heard or tr("no answer")),
    )


def per_recv(served: Served, fault: Fault) -> Mistake:
    """Return the mistake of a server that answers once whatever comes in one go."""
    return served.mistake(
        "per-recv",
        tr(
            "{name} said several lines in one go, and “{text}” had no answer of its own",
            name=fault.visit.name,
            text=fault.line.text,
        ),
        advice=tr(
            "one recv may bring several lines: answer each line, not each recv; cut at the newlines, or let "
            "makefile() read line by line"
        ),
        compared=(tr("an answer to each line"), fault.heard or tr("no answer")),
    )


def usual_delay(served: Served) -> float:
    """Return how long most lines waited for their answers, those that had one; 0.0 if none had."""
    found = [
        heard - said
        for visit in visits(served.evidence).values()
        for (said, _), (heard, _) in zip(visit.lines, visit.heard, strict=False)
    ]
    return statistics.median(found or [0.0])


def are_soon(served: Served) -> None:
    """See that most answers came without delay; one may be late, of a server that has just begun."""
    delay = usual_delay(served)
    if delay <= SOON:
        return
    served.seen.served(within=delay - SOON, since=min(visit.entered for visit in visits(served.evidence).values()))
    raise late(served, delay)


def late(served: Served, delay: float) -> Mistake:
    """Return the mistake of a server most of whose answers came so late."""
    return served.mistake(
        "late",
        tr("most answers came {delay:.1f} s or more after the line", delay=delay),
        advice=tr("answer as soon as a line has come: no sleep on the way, for all others wait meanwhile"),
        compared=(tr("an answer without delay"), f"{delay:.1f} s"),
    )


def said_unasked(served: Served, fault: Fault) -> Mistake:
    """Return the mistake of a server that says more than was asked for."""
    name, count = fault.visit.name, fault.answers
    if count:
        sentence = tr_count(
            count,
            "{name} had said {n} line, which had been answered, and was told once more: {heard}",
            "{name} had said {n} lines, which had been answered, and was told once more: {heard}",
            name=name,
            heard=fault.heard,
        )
    else:
        sentence = tr("{name} had said nothing yet, and was told: {heard}", name=name, heard=fault.heard)
    return served.mistake(
        "unasked",
        sentence,
        advice=tr("a line is answered when it has come: recv first, then one answer for each line, and nothing else"),
        compared=(tr("an answer to each line"), tr("one more")),
    )
