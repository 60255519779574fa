"""The children that have a task: several at once, all of one parent."""

import itertools

from checks.judging.result import Mistake
from checks.judging.seen import Seen
from checks.judging.timed import SCHEDULING, SURE, reaps
from checks.judging.wording import tenths
from lab.language import tr, tr_as, tr_count
from lab.trace import History, Span
from lab.trace.timeline import exited

CHILD = 0.15  # seconds; a child that sleeps for less has no task, such as one that a shell needs itself
PAUSE = 0.15  # seconds that the parent may sleep for between two forks,
PAUSES = 0.3  # and between all of them
CLEAR = 0.3  # seconds to which times must be known where it has slept for longer


def workers(seen: Seen, parent: History) -> list[History]:
    """Return the children of a process that have a task, in the order of their birth."""
    return [child for child in seen.children_of(parent) if seen.in_state(child, "S") > CHILD]


def parent_of_most(seen: Seen) -> History:
    """Return the parent: the program's first process, or one that it has started to be the parent of more."""
    return max(seen.trace.processes, key=lambda process: len(workers(seen, process)))


def children(seen: Seen) -> list[History]:
    """Return the children, in the order of their birth; they are there at the same time."""
    found = workers(seen, parent_of_most(seen))
    if not found:
        seen.can_tell(SURE)
        raise asleep_is_nobody(seen)
    begun, ended = found[-1].first_seen, min(map(seen.ended_at, found))
    if begun > ended:
        seen.can_tell(SURE)
        seen.served(within=SURE, since=found[0].first_seen)
        if all(child.gone is None or child.gone > begun for child in found):  # no wait was between them, but a sleep
            begin_at_once(seen, found)
        raise one_after_another(seen, found[-1], begun - ended)
    begin_at_once(seen, found)
    return found


def asleep_is_nobody(seen: Seen) -> Mistake:
    """Return the mistake of a program without a child that slept: what there was instead."""
    if longest := max(seen.others, key=seen.lived, default=None):
        return none_slept(seen, longest)
    threads = max(span.value for span in seen.root.threads)
    many = tr("; it had {threads} threads", threads=threads) if threads > 1 else ""
    rationale = (
        tr("process {pid} had children, and each was gone within a moment", pid=seen.root.pid)
        if reaps(seen.root)
        else tr("process {pid} was seen alone: a child, if it had one, was gone within a moment", pid=seen.root.pid)
    )
    return seen.mistake(
        "no-child",
        rationale + many,
        advice=tr("fork the children, and let each sleep for its time"),
        compared=(tr("several children"), tr("none")),
    )


def none_slept(seen: Seen, longest: History) -> Mistake:
    """Return the mistake of children none of which slept: an error has ended them, or they worked."""
    asleep, lived, how = seen.in_state(longest, "S"), seen.lived(longest), longest.exit
    error = seen.words_of_a_child if seen.has_failed(longest) else ""
    if how and how.signal:
        error = tr(" ({how})", how=exited(how))
    return seen.mistake(
        "none-slept",
        tr(
            "none of the children slept for its time: {pid} lived for {lived:.2f} s, in S for {asleep:.2f} s",
            pid=longest.pid,
            lived=lived,
            asleep=asleep,
        )
        + error,
        advice=tr("nobody is to kill it: let each child call time.sleep with its time, and then end: os._exit(0)")
        if how and how.signal
        else tr("let each child call time.sleep with its time, and then end: os._exit(0)"),
        compared=(tr("children that sleep"), tr("S for {asleep:.2f} s at most", asleep=asleep)),
    )


def one_after_another(seen: Seen, last: History, late: float) -> Mistake:
    """Return the mistake of children that were not there at the same time."""
    return seen.mistake(
        "in-turn",
        tr("your child {pid} began {late:.1f} s after the first had ended", pid=last.pid, late=late),
        advice=tr("fork all of them first, in one loop; wait in a second loop"),
        compared=(tr("at the same time"), tr_as("in turn", "one after the other")),
    )


def begin_at_once(seen: Seen, found: list[History]) -> None:
    """See no sleep of the parent between two births, but one in which the first of them was not served."""
    parent = parent_of_most(seen)
    gaps = [(rested(seen, parent, one, other), one, other) for one, other in itertools.pairwise(found)]
    slept, one, other = max(gaps, key=lambda gap: gap[0], default=(0.0, found[0], found[0]))
    over = max(slept - PAUSE, sum(gap[0] for gap in gaps) - PAUSES)
    if 0 < over <= seen.slack - SCHEDULING:
        seen.can_tell(CLEAR)
    if over > seen.slack - SCHEDULING:
        seen.served(within=PAUSE, since=found[0].first_seen)
        raise pauses(seen, parent, one, other, slept)


def rested(seen: Seen, parent: History, one: History, other: History) -> float:
    """Return the seconds that the parent slept between two births, but those in which it may have had to."""
    gap = [Span(one.first_seen, other.first_seen, 0)]
    slept = seen.in_state(parent, "S", gap)
    if one.command != parent.command:  # it executes a program, for which its parent may wait
        slept -= seen.waited(one, gap) + seen.used(one, gap[0].start, gap[0].end)
    return max(0.0, slept)


def pauses(seen: Seen, parent: History, one: History, other: History, slept: float) -> Mistake:
    """Return the mistake of a parent that sleeps between two forks."""
    return seen.mistake(
        "pauses",
        tr(
            "the parent {parent} slept for {slept:.1f} s between forking {one} and {other}",
            parent=parent.pid,
            slept=slept,
            one=one.pid,
            other=other.pid,
        ),
        advice=tr("fork all of them first, one right after the other: only the children sleep"),
        compared=(tr("no pause"), tenths(slept)),
    )


def runs_on(seen: Seen, child: History) -> Mistake:
    """Return the mistake of a child that goes on in its parent's loop."""
    count = len(workers(seen, child))
    return seen.mistake(
        "child-runs-on",
        tr_count(
            count,
            "your child {pid} forked {n} child of its own",
            "your child {pid} forked {n} children of its own",
            pid=child.pid,
        ),
        advice=tr("a child that goes on in the loop that forks will fork as well: end it with os._exit"),
        compared=(
            tr("children of the parent only"),
            tr_count(count, "{n} child of {pid}", "{n} children of {pid}", pid=child.pid),
        ),
    )
