"""The statuses that were printed."""

import re

from checks.exercises.sigchld.handling import since_the_last
from checks.exercises.sigchld.reaping import REST, kept
from checks.judging.heard import Line
from checks.judging.result import Mistake
from checks.judging.seen import Seen
from lab.language import tr
from lab.trace import Span
from lab.trace.timeline import printable

TWO_NUMBERS = re.compile(r"\d\D+\d")
LINE = re.compile(r"pid[ \t]*=[ \t]*(\d{1,9})[ \t,]+status[ \t]*=[ \t]*(-?\d{1,9})")


def is_printed(seen: Seen, heard: list[Line]) -> None:
    """Compare the statuses printed with the kernel's."""
    lines = [line.text for line in heard]
    said = {int(pid): int(status) for line in lines for pid, status in LINE.findall(line)}
    for pid, status in kept(seen).items():
        if said.get(pid) != status and (pid in said or not is_on_a_line(lines, pid, status)):
            raw = {pid: status << 8} if is_on_a_line(lines, pid, status << 8) else {}
            raise not_printed(seen, lines, pid, status, said | raw)
        both = [line for line in lines if has_both(line, pid, status)]
        # In a seat pids are small, and a line may have both numbers by chance.
        alike = [line for line in both if (str(pid), str(status)) in LINE.findall(line)] or both
        if alike and not any(is_of_one(seen, line) for line in alike):
            raise on_one_line(seen, pid, alike[0])
        if len(alike) > len(set(alike)):
            raise printed_twice(seen, pid, max(alike, key=alike.count), len(alike))
    are_printed_by_the_handler(seen, heard)


def are_printed_by_the_handler(seen: Seen, heard: list[Line]) -> None:
    """See that the parent did not sleep on before the lines came: a handler, or a loop that it wakes, does not wait."""
    come = since_the_last(seen).end
    for pid, status in kept(seen).items():
        line = min((line for line in heard if has_both(line.text, pid, status)), key=lambda line: line.moment)
        slept = seen.in_state(seen.root, "S", [Span(come, line.moment, 0)])
        if slept > REST:
            seen.can_tell(REST, known=seen.late)  # or the line was there, and nobody had read it
        if seen.is_rest(slept, REST + seen.late):
            raise printed_later(seen, pid, slept)


def is_of_one(seen: Seen, line: str) -> bool:
    """Tell whether a line is about one child alone."""
    return sum(has_both(line, pid, status) for pid, status in kept(seen).items()) == 1


def on_one_line(seen: Seen, pid: int, line: str) -> Mistake:
    """Return the mistake of a child that has no line of its own."""
    return seen.mistake(
        "one-line",
        tr(
            "your child {pid} has no line of its own: it is on one with others: {line}",
            pid=pid,
            line=printable(line[:60]),
        ),
        advice=tr("end the line of each child: print does so by itself"),
        compared=(tr("a line for each child"), printable(line[:60])),
    )


def printed_twice(seen: Seen, pid: int, line: str, times: int) -> Mistake:
    """Return the mistake of a child that is told of more than once."""
    return seen.mistake(
        "printed-twice",
        tr("the line of your child {pid} came {times} times: {line}", pid=pid, times=times, line=printable(line[:60])),
        advice=tr("one line for each child that waitpid returns"),
        compared=(tr("one line"), times),
    )


def printed_later(seen: Seen, pid: int, slept: float) -> Mistake:
    """Return the mistake of a program that prints what its handler has reaped, but not in the handler."""
    return seen.mistake(
        "printed-later",
        tr(
            "the parent {root} slept for {slept:.1f} s after SIGCHLD was unblocked, and printed the line of {pid} only "
            "then: it was not the handler that did",
            root=seen.root.pid,
            slept=slept,
            pid=pid,
        ),
        advice=tr("the handler itself prints the line, with flush=True, when waitpid has returned the child to it"),
        compared=(tr("printed when the signal comes"), tr("{slept:.1f} s later", slept=slept)),
    )


def is_on_a_line(lines: list[str], pid: int, status: int) -> bool:
    """Tell whether a line has both numbers, in whatever words."""
    return any(has_both(line, pid, status) for line in lines)


def has_both(line: str, pid: int, status: int) -> bool:
    """Tell whether a line has both numbers."""
    return {pid, status} <= set(map(int, re.findall(r"\d{1,9}", line)))


def not_printed(seen: Seen, lines: list[str], pid: int, status: int, said: dict[int, int]) -> Mistake:
    """Return the mistake of a status that was printed otherwise than the kernel has kept it."""
    ended = tr("your child {pid} ended with status {status}", pid=pid, status=status)
    if pid not in said:
        return told_nowhere(seen, lines, pid, status, ended)
    printed = ended + tr(", and {said} was printed", said=said[pid])
    if said[pid] == status << 8:
        return raw_status(seen, pid, status, said, printed)
    return seen.mistake(
        "wrong-status",
        printed,
        advice=tr("print what waitpid returned for this pid, through os.waitstatus_to_exitcode"),
        compared=(status, said[pid]),
    )


def told_nowhere(seen: Seen, lines: list[str], pid: int, status: int, ended: str) -> Mistake:
    """Return the mistake of a status that is on no line with its pid."""
    return seen.mistake(
        "not-printed",
        ended + tr(", and no line has both {pid} and {status}", pid=pid, status=status),
        advice=tr("the handler prints a line for each child that waitpid returned to it"),
        compared=(f"pid={pid} status={status}", " | ".join(line for line in lines if str(pid) in line)[:60]),
    )


def raw_status(seen: Seen, pid: int, status: int, said: dict[int, int], printed: str) -> Mistake:
    """Return the mistake of a status that was not taken out of the word that waitpid returns."""
    return seen.mistake(
        "raw-status",
        printed + tr(": the whole word"),
        advice=tr("the status is its second byte; os.waitstatus_to_exitcode takes it out"),
        compared=(status, said[pid]),
    )
