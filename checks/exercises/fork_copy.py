"""Exercise 4: a value that the child changes in its own copy, while the parent's stays."""

import re
from dataclasses import dataclass

from checks.judging import heard, pair
from checks.judging.heard import Line, may_have_printed
from checks.judging.result import Check, Mistake, Result, in_turn
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import STAYS, Seen
from checks.judging.wording import numbers
from lab.language import tr, tr_as
from lab.student.seed import Values
from lab.trace import History

LINE = re.compile(r"(?<![Pp_])pid\s*=\s*(\d{1,9})[\s,]+a\s*=\s*(-?\d{1,9})(?![\w.]*\d)")
RANGE = range(100, 1000)  # of the values of any seat


@dataclass(frozen=True)
class Said(Line):
    """A line that counts: whose pid and which value it tells."""

    pid: int
    value: int
    whole: str  # the line, of which `text` may be but a part


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program, and note when it prints."""
    return heard.run(seat, "fork-copy", LINE)


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Compare who there was with who has printed what."""
    seen, lines = Seen.of(evidence), said(evidence)
    return in_turn(
        Check("ran", tr("the program runs to its end"), seen.ran),
        Check("forked", tr("one process becomes two"), lambda: forked(seen, lines)),
        Check("printed", tr("each of the two prints its pid and its value"), lambda: printed(seen, lines)),
        Check("stayed", tr("the child stays, ends, and is waited for"), lambda: stayed(seen, lines)),
        Check("copied", tr("the child changes its own copy only"), lambda: copied(seen, lines, values)),
        Check("values", tr("{before} before, {after} in the child", **values), lambda: has_values(seen, lines, values)),
    )


def said(evidence: Evidence) -> list[Said]:
    """Return the lines that count, each with what it tells; two where one line has both."""
    return [
        Said(line.moment, found[0], int(found[1]), int(found[2]), line.text)
        for line in heard.lines(evidence)
        for found in LINE.finditer(line.text)
    ]


def forked(seen: Seen, lines: list[Said]) -> None:
    """See two processes, and no more."""
    pair.forked_once(seen, [line.pid for line in lines])


def printed(seen: Seen, lines: list[Said]) -> None:
    """See two lines, of the parent and of the child, each printed by whose pid it tells."""
    foreign = [line.pid for line in lines if line.pid not in seen.pids]
    if foreign:
        raise foreign_pid(seen, foreign[0])
    if len(lines) < 2:
        raise not_two_lines(seen, lines)
    if len({line.pid for line in lines}) < 2:
        raise same_pid(seen, lines)
    if len(lines) > 2:
        raise too_many_lines(seen, lines)
    for line, process in zip(both(seen, lines), histories(seen, lines), strict=True):
        if not may_have_printed(seen, process, line):
            raise not_its_own(seen, line)
    is_late = lines[0].moment > seen.ended_at(histories(seen, lines)[1]) - seen.unseen
    if lines[0].whole == lines[1].whole and is_late:  # two that print at once may share a line
        raise pair.one_line(seen, lines[0].whole)


def both(seen: Seen, lines: list[Said]) -> tuple[Said, Said]:
    """Return the parent's line, and the child's. Raises Mistake if they are not of such two."""
    first, second = lines
    for parent, child in ((first, second), (second, first)):
        process = seen.history(child.pid)
        if process and process is not seen.root and parent.pid == first_parent(seen, process):
            return parent, child
    raise no_relatives(seen, first, second)


def no_relatives(seen: Seen, first: Said, second: Said) -> Mistake:
    """Return the mistake of two lines that are not of a parent and its child."""
    return seen.mistake(
        "no-relatives",
        tr(
            "the lines are of {first} and {second}, of which neither is the other's parent",
            first=first.pid,
            second=second.pid,
        ),
        advice=tr("let the parent print, and the child that it forks"),
        compared=(tr("parent and child"), f"{first.pid}, {second.pid}"),
    )


def first_parent(seen: Seen, process: History) -> int:
    """Return a process's first parent; one that the first process did not outlive may have been adopted since."""
    is_orphan = process.ppid not in seen.pids and seen.ended_at(seen.root) < seen.ended_at(process)
    return seen.root.pid if is_orphan else process.ppid


def histories(seen: Seen, lines: list[Said]) -> tuple[History, History]:
    """Return the parent and the child."""
    parent, child = (seen.history(line.pid) for line in both(seen, lines))
    return parent or seen.root, child or seen.root


def stayed(seen: Seen, lines: list[Said]) -> None:
    """See the child stay and end, and the parent wait for it, and print after that."""
    parent, child = histories(seen, lines)
    pair.stays_and_ends(seen, child, both(seen, lines)[1])
    early = seen.ended_at(child) - both(seen, lines)[0].moment
    if early > seen.unseen:
        seen.can_tell(STAYS, known=seen.unseen)
        raise not_waited(seen, parent, child, early)
    if seen.is_reaped(child) is False:
        raise seen.never_waited(child)
    early = (child.gone or seen.trace.seconds) - both(seen, lines)[0].moment
    if early > seen.unseen:
        seen.can_tell(STAYS, known=seen.unseen)
        raise waited_later(seen, parent, child, early)


def copied(seen: Seen, lines: list[Said], values: Values) -> None:
    """See the child's value differ from the parent's, which is not the changed one."""
    parent, child = both(seen, lines)
    if parent.value == values["after"] and child.value == values["before"]:
        raise parent_changed(seen, parent, child)
    if parent.value == child.value:
        raise same_value(seen, parent, child)


def has_values(seen: Seen, lines: list[Said], values: Values) -> None:
    """Compare both values with those of this seat."""
    parent, child = both(seen, lines)
    found, asked = (parent.value, child.value), (int(values["before"]), int(values["after"]))
    if found == asked:
        return
    told = tr("the parent's a is {found_1}, the child's {found_2}", found_1=found[0], found_2=found[1])
    if all(a != b and b in RANGE for a, b in zip(asked, found, strict=True)):
        raise seen.other_values(told, values["number"], compared=(numbers(asked), numbers(found)))
    raise wrong_value(seen, told, asked, found)


def wrong_value(seen: Seen, told: str, asked: tuple[int, int], found: tuple[int, int]) -> Mistake:
    """Return the mistake of values that are no seat's."""
    return seen.mistake(
        "wrong-value",
        told,
        advice=tr(
            "a = {asked_1} before the fork, and a = {asked_2} in the child after it", asked_1=asked[0], asked_2=asked[1]
        ),
        compared=(numbers(asked), numbers(found)),
    )


def foreign_pid(seen: Seen, pid: int) -> Mistake:
    """Return the mistake of a pid that no process was seen to have."""
    return seen.mistake(
        "foreign-pid",
        tr("pid={pid} was printed, and none of your processes was seen to have that pid", pid=pid),
        advice=tr("a process learns its own pid from os.getpid(); what fork returns in the child is 0"),
        compared=(numbers(sorted(seen.pids)), pid),
    )


def not_two_lines(seen: Seen, lines: list[Said]) -> Mistake:
    """Return the mistake of a program of which not both processes have printed what is asked for."""
    said = [line for line in seen.said if line.strip()] or [tr_as("output", "nothing")]
    return seen.mistake(
        "not-two-lines",
        tr(
            "{count} of two lines such as pid={pid} a=1 came; the last line printed: {line}",
            count=len(lines),
            pid=seen.root.pid,
            line=said[-1][:60],
        )
        + seen.on_stderr(LINE),
        advice=tr('both print exactly this: f"pid={os.getpid()} a={a}"; the child with flush=True'),
        compared=(tr("two lines"), len(lines)),
    )


def same_pid(seen: Seen, lines: list[Said]) -> Mistake:
    """Return the mistake of lines that all tell the same pid."""
    return seen.mistake(
        "same-pid",
        tr("{count} lines were printed, and all tell the same pid, {pid}", count=len(lines), pid=lines[0].pid),
        advice=tr(
            "each of the two asks os.getpid() after the fork: what was kept before, and os.getppid(), is the parent's"
        ),
        compared=(tr("two pids"), lines[0].pid),
    )


def too_many_lines(seen: Seen, lines: list[Said]) -> Mistake:
    """Return the mistake of lines that are not asked for."""
    told = " | ".join(line.text for line in lines[:4])
    return seen.mistake(
        "too-many-lines",
        tr("{count} such lines were printed: {told}", count=len(lines), told=told),
        advice=tr(
            "two processes print one line each: does the child, without os._exit, go on with what the parent prints?"
        ),
        compared=(tr("two lines"), len(lines)),
    )


def not_its_own(seen: Seen, line: Said) -> Mistake:
    """Return the mistake of a line that another process than the one of which it tells has printed."""
    return seen.mistake(
        "not-its-own-line",
        tr(
            "pid={pid} a={value} was printed, and not by process {pid}: it had written no such line",
            pid=line.pid,
            value=line.value,
        ),
        advice=tr("each of the two prints its own line: neither can see the other's a"),
        compared=(tr("printed by {pid}", pid=line.pid), tr("by another")),
    )


def parent_changed(seen: Seen, parent: Said, child: Said) -> Mistake:
    """Return the mistake of a change that was made in the wrong one of the two."""
    return seen.mistake(
        "parent-changed",
        tr(
            "the parent {parent} has changed its a to {parent_value}; the child {child} has {child_value}",
            parent=parent.pid,
            parent_value=parent.value,
            child=child.pid,
            child_value=child.value,
        ),
        advice=tr("the child is where fork has returned 0: make the change there"),
        compared=(tr("changed in the child"), parent.value),
    )


def same_value(seen: Seen, parent: Said, child: Said) -> Mistake:
    """Return the mistake of a change that was made in both, or in none."""
    return seen.mistake(
        "same-value",
        tr(
            "parent {parent} and child {child} have the same a: {value}",
            parent=parent.pid,
            child=child.pid,
            value=parent.value,
        ),
        advice=tr("change it after the fork, and in the child only: what is changed before is copied"),
        compared=(tr("two values"), parent.value),
    )


def not_waited(seen: Seen, parent: History, child: History, early: float) -> Mistake:
    """Return the mistake of a parent whose value was printed before the child had ended."""
    return seen.mistake(
        "not-waited",
        tr(
            "the line of the parent {parent} came {early:.1f} s before its child {child} ended: was the change made "
            "by then?",
            parent=parent.pid,
            early=early,
            child=child.pid,
        ),
        advice=tr("only after os.wait() does the parent's value show that the child's change has not reached it"),
        compared=(tr("the child ends first"), tr("the parent prints first")),
    )


def waited_later(seen: Seen, parent: History, child: History, early: float) -> Mistake:
    """Return the mistake of a parent that has waited, but not yet when it printed."""
    return seen.mistake(
        "not-waited",
        tr(
            "the line of the parent {parent} came {early:.1f} s before a wait returned its child {child}",
            parent=parent.pid,
            early=early,
            child=child.pid,
        ),
        advice=tr("a sleep is no wait, however long: os.wait() first, and print then"),
        compared=(tr("wait, then print"), tr("printed first")),
    )
