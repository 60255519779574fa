"""Exercise 6: a child's exit status, kept by the kernel, and printed by the parent."""

import re
from signal import SIGCHLD

from checks.judging import heard, pair
from checks.judging.heard import Line
from checks.judging.result import Check, Mistake, Result, in_turn
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import CHOSEN, Seen
from checks.judging.wording import pids_of, tenths
from lab.language import tr, tr_as
from lab.student.seed import Values
from lab.trace import History, Span

KEPT = 0.2  # seconds of the half that the parent sleeps
SLEEPS = 0.5  # seconds that it sleeps,
LONGEST = 0.7  # and at most,
SURE = 0.25  # to which it must be known where it may be longer
AT_ONCE = 0.1  # seconds that a child may sleep which ends at once,
STARTING = 0.3  # and that it may be at work: it may execute a program
END = r"[.!。！]?\s*$"  # of a sentence
NUMBER = re.compile(rf"(?:(?<![\w-])(-))?(\d{{1,9}}){END}")  # status=-17 is negative, child-17 is not


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program, and note when it prints."""
    return heard.run(seat, "exit-status", re.compile(r"\S"))


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Compare the child's status, what was printed, and what was asked for."""
    seen, code = Seen.of(evidence), int(values["code"])
    last = next(reversed(heard.lines(evidence)), None)
    return in_turn(
        Check("ran", tr("the program runs to its end"), seen.ran),
        Check("kept", tr("a child leaves its status"), lambda: kept(seen, code)),
        Check(
            "waited", tr("the child ends at once; the parent sleeps for 0.5 s, then waits"), lambda: waited(seen, code)
        ),
        Check("printed", tr("the parent prints that status"), lambda: is_printed(seen, last, code)),
        Check("values", tr("it is this seat's: {code}", code=code), lambda: has_values(seen, values)),
    )


def kept(seen: Seen, code: int) -> tuple[History, int]:
    """Return the child that was kept as a zombie, and its status: the one asked for, if there is such a child."""
    found = [h for h in seen.others if h.exit and seen.kept(h) > seen.enough(KEPT)]
    if not found:
        raise not_kept(seen)
    if len(found) > 1:
        raise several(seen, found)
    seen.has_no_more(seen.trace.parent(found[0]) or seen.root, found[0])
    pair.ends_by_itself(seen, found[0])
    return found[0], found[0].exit.code or 0 if found[0].exit else 0


def not_kept(seen: Seen) -> Mistake:
    """Return why no child's status was kept. Raises CouldNotRunError if the machine may be why."""
    same = [history for history in seen.others if history.command == seen.root.command]  # no other program
    ran_on = [history for history in same if seen.in_state(history, "RSD") - seen.waited(history) > KEPT]
    if ran_on:
        return not_at_once(seen, ran_on[0])
    seen.can_tell(0.3)
    seen.served(within=0.3, since=min((child.first_seen for child in seen.others), default=0.0))
    return seen.mistake(
        "not-kept",
        tr("no status was kept: no child was a zombie (Z) while its parent slept for 0.5 s")
        + (tr(": SIGCHLD is ignored") if seen.ignores(seen.root, SIGCHLD) else pair.complaint(seen)),
        advice=tr(
            "fork a child that ends at once; the parent sleeps for 0.5 s before it waits (a shell waits by itself)"
        ),
        compared=("Z", tr("none")),
    )


def not_at_once(seen: Seen, child: History) -> Mistake:
    """Return the mistake of a child that lives for longer than it takes to end."""
    lived = seen.lived(child)
    return seen.mistake(
        "ran-on",
        tr(
            "your child {pid} did not end at once: it lived for {lived:.1f} s beside its parent",
            pid=child.pid,
            lived=lived,
        ),
        advice=tr(
            "the child's first word is os._exit: without it, it goes on with the lines that are meant for the parent"
        ),
        compared=(tr("Z at once"), tr_as("lived", "after {lived:.1f} s", lived=lived)),
    )


def several(seen: Seen, children: list[History]) -> Mistake:
    """Return the mistake of more children than one."""
    return seen.mistake(
        "several-children",
        tr("{count} children have left a status: {pids}", count=len(children), pids=pids_of(children)),
        advice=tr("call fork once: after it both processes go on, to a second fork as well"),
        compared=(1, len(children)),
    )


def waited(seen: Seen, code: int) -> None:
    """See the child end at once, and the parent sleep for half a second, and then wait for it."""
    child, _ = kept(seen, code)
    if not seen.at_most(seen.in_state(child, "S"), AT_ONCE) or not seen.at_most(seen.at_work(child), STARTING):
        raise not_at_once(seen, child)
    parent = seen.trace.parent(child) or seen.root
    seen.ends_well(parent)
    until = child.gone or seen.trace.seconds
    slept = seen.in_state(parent, "S", [Span(child.first_seen, until, 0)])
    if seen.is_reaped(child) is False:
        raise seen.never_waited(child)
    if slept < SLEEPS - AT_ONCE:
        seen.can_tell(1.5 * AT_ONCE, known=seen.unseen)
    if slept < SLEEPS - seen.unseen - AT_ONCE / 2:
        seen.served(within=SLEEPS - slept, since=child.first_seen)
        raise sleeps_otherwise(seen, parent, slept)
    if slept > LONGEST:
        seen.can_tell(SURE)
        raise sleeps_otherwise(seen, parent, slept)


def sleeps_otherwise(seen: Seen, parent: History, slept: float) -> Mistake:
    """Return the mistake of a parent that waits too early, or too late."""
    return seen.mistake(
        "sleeps-otherwise",
        tr("the parent {pid} slept for {slept:.1f} s before it waited, and not for 0.5 s", pid=parent.pid, slept=slept),
        advice=tr("time.sleep(0.5) after the fork, then wait"),
        compared=(tr("0.5 s"), tenths(slept)),
    )


def last_number(line: Line | None) -> int | None:
    """Return the number that the last line printed ends in."""
    found = NUMBER.search(line.text) if line else None
    return int((found[1] or "") + found[2]) if found else None


def is_printed(seen: Seen, last: Line | None, code: int) -> None:
    """Compare what was printed with what the kernel has kept until then."""
    child, status = kept(seen, code)
    said = last_number(last)
    if said == status and last:
        return is_not_too_early(seen, child, last, status)
    if said == code:
        raise wrong_status(seen, child, status, code)
    if said is not None and said == status << 8:
        raise raw_status(seen, child, status, said)
    raise not_printed(seen, child, status, last)


def is_not_too_early(seen: Seen, child: History, line: Line, status: int) -> None:
    """See the status printed after the half second: by then a parent may have looked, and wait for it only later."""
    asked = child.gone or seen.trace.seconds
    if line.moment >= min(asked, seen.ended_at(child) + SLEEPS - AT_ONCE) - seen.unseen:
        return
    raise too_early(seen, child, line, status, asked)


def too_early(seen: Seen, child: History, line: Line, status: int, asked: float) -> Mistake:
    """Return the mistake of a status that is printed before it can be known."""
    return seen.mistake(
        "too-early",
        tr(
            "{status} was printed at {moment:.1f} s; the child {pid} was waited for at {asked:.1f} s only",
            status=status,
            moment=line.moment,
            pid=child.pid,
            asked=asked,
        ),
        advice=tr("the parent learns the status from wait, and prints it then; what is printed before is a guess"),
        compared=(tr("printed after wait"), tr("before")),
    )


def ended(child: History, status: int) -> str:
    """Say how the child ended."""
    return tr("your child {pid} ended with status {status}", pid=child.pid, status=status)


def raw_status(seen: Seen, child: History, status: int, said: int) -> Mistake:
    """Return the mistake of a status that was not taken out of the word that wait returns."""
    return seen.mistake(
        "raw-status",
        ended(child, status) + tr(", and {said} was printed: the whole word", said=said),
        advice=tr(
            "{said} is {hexadecimal}: the status is its second byte; os.waitstatus_to_exitcode takes it out",
            said=said,
            hexadecimal=hex(said),
        ),
        compared=(status, said),
    )


def not_printed(seen: Seen, child: History, status: int, last: Line | None) -> Mistake:
    """Return the mistake of another last line, or of none."""
    text = last.text[:60] if last else ""
    return seen.mistake(
        "not-printed",
        ended(child, status)
        + (tr(", but the last line printed is “{text}”", text=text) if last else tr(", but nothing was printed"))
        + (seen.on_stderr(re.compile(rf"(?<![\d-]){status}{END}", re.MULTILINE))),
        advice=tr("print what wait brought, by os.waitstatus_to_exitcode, as the last thing"),
        compared=(status, text),
    )


def wrong_status(seen: Seen, child: History, status: int, code: int) -> Mistake:
    """Return the mistake of a status that is no seat's."""
    return seen.mistake(
        "wrong-status",
        ended(child, status) + tr(", and not with {code}", code=code),
        advice=tr("the child leaves it by os._exit({code}): a number from 0 to 255, and no text", code=code),
        compared=(code, status),
    )


def has_values(seen: Seen, values: Values) -> None:
    """Compare the status with what was asked for in this seat."""
    code = int(values["code"])
    child, status = kept(seen, code)
    if status == code:
        return
    if status not in CHOSEN:
        raise wrong_status(seen, child, status, code)
    raise seen.other_values(ended(child, status), values["number"], compared=(code, status))
