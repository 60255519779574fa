"""Exercise 5: parent and child each print their own pid and the other's, and the kernel is asked whether it is so."""

import re
from dataclasses import dataclass

from checks.judging import heard, pair
from checks.judging.heard import Line, may_have_printed
from checks.judging.result import Check, Mistake, Result, in_turn
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen
from checks.judging.wording import numbers
from lab.exercises.pids.values import NAMES
from lab.language import tr
from lab.student.seed import Values
from lab.trace import History

LINE = re.compile(
    r"(?:(?<![a-z_-])([a-z]{1,40})[\s:,]+)?(?<![p_])pid\s*=\s*(\d{1,9})[\s,]+(parent|child)\s*=\s*(\d{1,9})",
    re.IGNORECASE,
)
NUMBER = re.compile(r"(?<![p_])(pid|parent|child)\s*=\s*(\d{1,9})", re.IGNORECASE)
AT_ONCE = 0.05  # seconds: what two print within that time, word by word, may be mixed up


@dataclass(frozen=True)
class Said(Line):
    """A line that counts: its name ("" for none), its own pid, whose other pid it tells (`parent`, `child`)."""

    name: str
    own: int
    whose: str
    other: int
    whole: str  # the line, of which `text` is but the numbers


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program, and note what it prints."""
    return heard.run(seat, "pids", NUMBER)


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Compare what was printed with the processes that there were."""
    seen, lines = Seen.of(evidence), said(evidence)
    return in_turn(
        Check("ran", tr("the program runs to its end"), seen.ran),
        Check(
            "forked", tr("there are a parent and a child"), lambda: pair.forked_once(seen, [line.own for line in lines])
        ),
        Check("printed", tr("the pids printed are the kernel's"), lambda: is_true(seen, lines)),
        Check("stayed", tr("the child stays, ends, and is waited for"), lambda: stayed(seen, lines)),
        Check(
            "values",
            tr("the parent is called {parent}, the child {child}", **values),
            lambda: has_values(seen, lines, values),
        ),
    )


def said(evidence: Evidence) -> list[Said]:
    """Return the lines that count, each with what it tells; two where one line has both."""
    lines = heard.lines(evidence)
    found = [
        Said(line.moment, f"pid={own} {whose}={other}", name, int(own), whose.lower(), int(other), line.text)
        for line in lines
        for name, own, whose, other in LINE.findall(line.text)
    ]
    return found if len(found) > 1 else mixed(lines) or found


def mixed(lines: list[Line]) -> list[Said]:
    """Return the two lines of a parent and a child that have printed at once, word by word; [] if that is not so."""
    near = [line.text for line in lines if line.moment - lines[0].moment < AT_ONCE]
    if len(near) > 2:  # two prints have two ends
        return []
    text = " ".join(near)
    told: dict[str, list[int]] = {"pid": [], "parent": [], "child": []}
    for whose, number in NUMBER.findall(text):
        told[whose.lower()].append(int(number))
    if tuple(map(len, told.values())) != (2, 1, 1):
        return []
    (child,), (parent,) = told["child"], told["parent"]
    first, second = told["pid"] if told["pid"][0] == child else told["pid"][::-1]
    return [
        Said(lines[0].moment, f"pid={own} {whose}={other}", "", own, whose, other, text)
        for own, whose, other in ((second, "child", child), (first, "parent", parent))
    ]


def both(seen: Seen, lines: list[Said]) -> tuple[Said, Said]:
    """Return the parent's line, which names its child, and the child's; there is one of each. Raises Mistake."""
    parents, children = ([line for line in lines if line.whose == whose] for whose in ("child", "parent"))
    for found, whose, other in ((children, tr("child"), "parent"), (parents, tr("parent"), "child")):
        if not found:
            raise not_printed(seen, whose, other)
    for found in (parents, children):
        if len(found) > 1:
            raise too_many_lines(seen, found)
    return parents[0], children[0]


def is_true(seen: Seen, lines: list[Said]) -> None:
    """Compare the four numbers with what the kernel knows, and who wrote them."""
    parent, child = both(seen, lines)
    process = seen.history(child.own)
    if process is None:
        raise not_own(seen, child)
    if is_swapped(seen, parent, child):
        raise swapped(seen, parent, child)
    if process is not seen.root and is_adopted(seen, process):
        raise orphaned(seen, process)
    if process is seen.root:
        raise before_the_fork(seen, process)
    if child.other != process.ppid:
        raise wrong(seen, [process.pid, process.ppid], child, tr("child"))
    if parent.other != process.pid and parent.own == ppid_of(seen, parent.other):
        raise of_another(seen, parent, child)
    if parent.own != process.ppid or parent.other != process.pid:
        raise wrong(seen, [process.ppid, process.pid], parent, tr("parent"))
    are_their_own(seen, parent, child, process)


def are_their_own(seen: Seen, parent: Said, child: Said, process: History) -> None:
    """See each line written by the process of which it tells, and two of them, unless both came at once."""
    for line in (parent, child):
        speaker = seen.history(line.own)
        if speaker and not may_have_printed(seen, speaker, line):
            raise not_its_own(seen, line)
    is_late = parent.moment > seen.ended_at(process) - seen.unseen
    if parent.whole == child.whole and (is_late or ends(seen) == 1):  # two that print at once may share a line
        raise pair.one_line(seen, parent.whole)


def ends(seen: Seen) -> int | None:
    """Return how many lines have ended in all that was printed, None if it was too much to know."""
    return None if seen.trace.stdout.left_out else seen.trace.stdout.text.count("\n")


def is_adopted(seen: Seen, process: History) -> bool:
    """Tell whether a process had a parent, while it lived, that is none of the program's."""
    return any(span.value not in seen.pids and span.start < seen.ended_at(process) for span in process.parents)


def is_swapped(seen: Seen, parent: Said, child: Said) -> bool:
    """Tell whether each of the two has printed what is the other's to print: in the child fork has returned 0."""
    return (
        child.own != parent.own
        and parent.other == 0
        and seen.history(parent.own) in seen.children_of(seen.history(child.own) or seen.root)
    )


def stayed(seen: Seen, lines: list[Said]) -> None:
    """See the child stay and end, and the parent wait for it."""
    line = both(seen, lines)[1]
    child = seen.history(line.own) or seen.root
    pair.stays_and_ends(seen, child, line)
    if seen.is_reaped(child) is False:
        raise seen.never_waited(child)


def not_printed(seen: Seen, whose: str, other: str) -> Mistake:
    """Return the mistake of a line that did not come."""
    printed = [line for line in seen.said if line.strip()]
    return seen.mistake(
        "not-printed",
        tr("no line of the {whose} was found in what was printed", whose=whose) + seen.on_stderr(LINE),
        advice=tr("it looks like this: NAME pid=4711 {other}=4712, with flush=True", other=other),
        compared=(f"NAME pid=… {other}=…", " | ".join(printed)[:60]),
    )


def too_many_lines(seen: Seen, lines: list[Said]) -> Mistake:
    """Return the mistake of lines that are not asked for."""
    told = " | ".join(line.whole for line in lines[:4])
    return seen.mistake(
        "too-many-lines",
        tr(
            "{count} lines with {whose}= were printed, and not one: {told}",
            count=len(lines),
            whose=lines[0].whose,
            told=told,
        ),
        advice=tr(
            "each of the two prints one line: does the child, without os._exit, go on with what the parent prints?"
        ),
        compared=(1, len(lines)),
    )


def not_own(seen: Seen, child: Said) -> Mistake:
    """Return the mistake of a child that has printed a pid which none of the program's processes had."""
    if child.own != 0:
        return wrong(seen, real(seen), child, tr("child"))
    return seen.mistake(
        "fork-returned-0",
        tr(
            "the child's line says pid=0: that is what fork returned to it; its pid was {real}",
            real=numbers(real(seen)),
        ),
        advice=tr("0 only tells the child that it is the child: its own pid is os.getpid()"),
        compared=(numbers(real(seen)), 0),
    )


def real(seen: Seen) -> list[int]:
    """Return the pids of the children."""
    return [process.pid for process in seen.others]


def swapped(seen: Seen, parent: Said, child: Said) -> Mistake:
    """Return the mistake of two that do what the other one should."""
    return seen.mistake(
        "swapped",
        tr(
            "the parent {child_own} says “{child_text}”, and the child {parent_own} “{parent_text}”",
            child_own=child.own,
            child_text=child.text,
            parent_own=parent.own,
            parent_text=parent.text,
        ),
        advice=tr("fork returns 0 in the child, and the child's pid in the parent: exchange the two branches"),
        compared=(tr("the parent names its child"), tr("the child does")),
    )


def orphaned(seen: Seen, process: History) -> Mistake:
    """Return the mistake of a parent that has not waited: its child has had two parents."""
    adopter = process.parents[-1].value
    return seen.mistake(
        "adopted",
        tr(
            "your child {pid} lost its parent and was adopted by {adopter}: that is its parent's pid now",
            pid=process.pid,
            adopter=adopter,
        ),
        advice=tr("let the parent wait for the child: os.wait()"),
        compared=(seen.root.pid, adopter),
    )


def before_the_fork(seen: Seen, process: History) -> Mistake:
    """Return the mistake of a child's line with the parent's pid as its own."""
    return seen.mistake(
        "parents-own",
        tr(
            "the child's line tells its parent's pid, {pid}, as its own, which was {real}",
            pid=process.pid,
            real=numbers(real(seen)),
        ),
        advice=tr(
            "os.getpid() after the fork is one's own; what was kept before it, and os.getppid(), is the parent's"
        ),
        compared=(numbers(real(seen)), process.pid),
    )


def wrong(seen: Seen, expected: list[int], line: Said, whose: str) -> Mistake:
    """Return the mistake of numbers that are not the kernel's."""
    actual = [line.own, line.other][: max(1, len(expected))]
    return seen.mistake(
        "wrong-pid",
        tr(
            "the line of the {whose} tells {actual}, and the kernel knows {expected}",
            whose=whose,
            actual=numbers(actual),
            expected=numbers(expected),
        ),
        advice=tr("os.getpid() is one's own, os.getppid() the parent's; the parent gets the child's from fork"),
        compared=(numbers(expected), numbers(actual)),
    )


def ppid_of(seen: Seen, pid: int) -> int | None:
    """Return the pid of a process's parent, None if there was no such process."""
    history = seen.history(pid)
    return history.ppid if history else None


def of_another(seen: Seen, parent: Said, child: Said) -> Mistake:
    """Return the mistake of two lines that are both true, and the child's is of another than the parent's names."""
    return seen.mistake(
        "not-its-child",
        tr(
            "the parent names its child {other}, and the line of a child is of {own}, whose parent is {ppid}",
            other=parent.other,
            own=child.own,
            ppid=child.other,
        ),
        advice=tr("fork once: the child that the parent names prints its line itself"),
        compared=(tr("printed by {own}", own=parent.other), tr("by {own}", own=child.own)),
    )


def not_its_own(seen: Seen, line: Said) -> Mistake:
    """Return the mistake of a line that another process than the one of which it tells has printed."""
    return seen.mistake(
        "not-its-own-line",
        tr(
            "“{whole}” was not printed by process {own}: it had written no such line by then",
            whole=line.whole,
            own=line.own,
        ),
        advice=tr("each of the two prints its own line, with what it learns itself"),
        compared=(tr("printed by {own}", own=line.own), tr("by another")),
    )


def has_values(seen: Seen, lines: list[Said], values: Values) -> None:
    """Compare the names with those of this seat."""
    parent, child = both(seen, lines)
    found, asked = (parent.name, child.name), (str(values["parent"]), str(values["child"]))
    if found == asked or (is_mixed(parent, child) and all(name in parent.whole + child.whole for name in asked)):
        return
    told = tr("the lines begin with: {shown}", shown=shown(found))
    if all(name in NAMES and name != own for name, own in zip(found, asked, strict=True)) and found != asked[::-1]:
        raise seen.other_values(told, values["number"], compared=(shown(asked), shown(found)))
    raise wrong_name(seen, told, found, asked)


def wrong_name(seen: Seen, told: str, found: tuple[str, str], asked: tuple[str, str]) -> Mistake:
    """Return the mistake of names that are no seat's."""
    return seen.mistake(
        "wrong-name",
        told,
        advice=tr(
            "the parent's line begins with {asked_1}, the child's with {asked_2}, in small letters, and a space",
            asked_1=asked[0],
            asked_2=asked[1],
        ),
        compared=(shown(asked), shown(found)),
    )


def is_mixed(parent: Said, child: Said) -> bool:
    """Tell whether two have printed at once, word by word, so that their names stand anywhere."""
    is_at_once = abs(parent.moment - child.moment) < AT_ONCE
    return is_at_once and not all(line.name in NAMES for line in (parent, child))


def shown(names: tuple[str, ...]) -> str:
    """Return the parent's name and the child's."""
    return ", ".join(name or tr("no name") for name in names)
