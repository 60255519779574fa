"""Each child is reaped as it ends."""

import signal

from checks.exercises.wait.children import children, parent_of_most, runs_on, workers
from checks.judging.result import Mistake
from checks.judging.seat import BUFFER
from checks.judging.seen import Seen
from checks.judging.timed import SCHEDULING, SURE
from checks.judging.wording import numbers, tenths
from lab.language import tr, tr_count
from lab.trace import History

BRIEF = 0.2  # seconds for which a child may be a zombie


def are_reaped(seen: Seen, asked: int) -> None:
    """See none left behind, each returned by a wait, and none a zombie for long."""
    found = children(seen)
    left = [child.pid for child in found if is_left(seen, child)]
    if left and (forking := [child for child in found if len(workers(seen, child)) > 1]):
        raise runs_on(seen, forking[0])
    if left:
        raise left_behind(seen, left, len(found), asked)
    if seen.ignores(parent_of_most(seen), signal.SIGCHLD) and any(seen.is_reaped(child) is False for child in found):
        raise ignoring(seen)
    slow = max(found, key=seen.kept)
    if not is_long(seen, slow):
        seen.are_waited_for(found)
        return
    if is_reaped_late(seen, slow):
        raise late(seen, slow, found)
    raise never_reaped(seen, slow, len(found), asked)


def is_long(seen: Seen, child: History) -> bool:
    """Tell whether a child was a zombie for longer than it may be; a parent that slept chose not to look."""
    over = seen.kept(child) - BRIEF
    if over > 0 and is_left_to_lie(seen, child):
        return True
    if 0 < over <= seen.slack:
        seen.can_tell(SURE)
    return over > seen.slack - SCHEDULING


def is_left_to_lie(seen: Seen, child: History) -> bool:
    """Tell whether the parent slept on beside a zombie: then it was not the machine that was late."""
    parent = parent_of_most(seen)
    spans = [span for span in child.states if span.value == "Z"]
    if any(seen.wrote(parent, span.start, span.end) > BUFFER for span in spans):
        return False
    slept = seen.in_state(parent, "S", spans)
    if slept > BRIEF:
        seen.can_tell(BRIEF / 2, known=seen.unseen)
    return slept > BRIEF + seen.unseen


def ignoring(seen: Seen) -> Mistake:
    """Return the mistake of a parent that has let the kernel reap."""
    parent = parent_of_most(seen)
    return seen.mistake(
        "ignored",
        tr("the parent {pid} ignores SIGCHLD: the kernel reaped, and no wait returned a child", pid=parent.pid),
        advice=tr("do not ignore SIGCHLD: it is the parent that is to reap, by one os.wait() for each child"),
        compared=(tr("a wait for each child"), tr("SIGCHLD ignored")),
    )


def stayed(seen: Seen, slow: History) -> str:
    """Say for how long a child was a zombie."""
    was = seen.zombie(slow)
    return tr("your child {pid} stayed a zombie for {was:.1f} s after it ended; ", pid=slow.pid, was=was)


def late(seen: Seen, slow: History, found: list[History]) -> Mistake:
    """Return the mistake of a parent that has reaped a child, but not at its end."""
    was = seen.zombie(slow)
    at_anothers_end = any(ends_at(seen, other, slow.gone or 0.0) for other in found if other is not slow)
    return seen.mistake(
        "late",
        stayed(seen, slow)
        + (
            tr("its parent reaped it when another one ended")
            if at_anothers_end
            else tr("its parent asked for it only then")
        ),
        advice=tr(
            "wait for whichever ends first: os.wait(), not waitpid(pid, 0), join or wait of one after the other, "
            "and no sleep before"
        )
        if at_anothers_end
        else tr("os.wait() itself sleeps until a child ends, and returns at once then: no other sleep before it"),
        compared=(tr("at most {brief} s", brief=BRIEF), tenths(was)),
    )


def enough_waits(count: int, asked: int) -> str:
    """Return the advice for a parent that waits too seldom; it may rather have too many children."""
    if count == asked:
        return tr("one wait reaps one child: {count} children need {count} waits", count=count)
    return tr("fork {asked} times, not {count}, and wait as often: one wait reaps one child", asked=asked, count=count)


def never_reaped(seen: Seen, slow: History, count: int, asked: int) -> Mistake:
    """Return the mistake of a parent that has not waited for a child."""
    was = seen.zombie(slow)
    return seen.mistake(
        "never-reaped",
        stayed(seen, slow) + tr("its parent never waited for it"),
        advice=enough_waits(count, asked),
        compared=(tr("at most {brief} s", brief=BRIEF), tenths(was)),
    )


def is_reaped_late(seen: Seen, slow: History) -> bool:
    """Tell whether a child was reaped late, and not left to an adopter: a parent may end right after its last wait."""
    if (reaped := seen.is_reaped(slow)) is not None:
        return reaped
    last = max(map(seen.ended_at, children(seen)))
    parent = parent_of_most(seen)
    waited_to_the_last = seen.ended_at(parent) - last <= seen.slack
    return not slow.adoptions and (seen.outlived(parent, slow) or waited_to_the_last)


def ends_at(seen: Seen, child: History, moment: float) -> bool:
    """Tell whether a child ended at a moment, as far as can be told."""
    return abs(seen.ended_at(child) - moment) <= seen.slack - SCHEDULING


def is_left(seen: Seen, child: History) -> bool:
    """Tell whether a child was still running when its parent ended."""
    return seen.ended_at(child) - seen.ended_at(parent_of_most(seen)) > seen.unseen


def left_behind(seen: Seen, left: list[int], count: int, asked: int) -> Mistake:
    """Return the mistake of a parent that has not stayed for all of its children."""
    parent = parent_of_most(seen).pid
    return seen.mistake(
        "left-behind",
        tr_count(
            count,
            "the parent {parent} ended while its child still ran: {left}",
            "the parent {parent} ended while {running} of its {n} children still ran: {left}",
            parent=parent,
            running=len(left),
            left=numbers(left),
        ),
        advice=enough_waits(count, asked),
        compared=(tr("all reaped"), tr("{reaped} reaped", reaped=count - len(left))),
    )
