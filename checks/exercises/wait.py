"""Exercise 9: several children, each reaped as it ends by a parent that sleeps meanwhile."""

import itertools
import signal

from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import BUFFER, SCHEDULING, SURE, Seen, numbers, reaps
from checks.judging.spans import birth, overlap
from lab.exercises.wait.values import SECONDS
from lab.language import tr, tr_as, tr_count
from lab.student.seed import Values
from lab.trace import History, Span
from lab.trace.timeline import exited

BRIEF = 0.2  # seconds for which a child may be a zombie
CHILD = 0.15  # seconds; a child that sleeps for less has no task, such as one that a shell needs itself
NEAR = 0.15  # seconds by which a time may be off and be one of those that a seat may have
LONGER = 0.3  # seconds that the parent may sleep for after its last child
PAUSE = 0.15  # seconds that it may sleep for between two forks
CLEAR = 0.3  # seconds to which times must be known where it has slept for longer
REST = 0.07  # of the time: who looks again and again, and sleeps for a moment each time, uses more of the CPU


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program."""
    return seat.run("wait")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say when each child ended, and when it was reaped."""
    seen = Seen.of(evidence)
    return results(
        Check("ran", tr("the program runs to its end"), seen.ran),
        Check("children", tr("several children run at once"), lambda: children(seen), after="ran"),
        Check(
            "reaped", tr("each is reaped as it ends"), lambda: are_reaped(seen, int(values["count"])), after="children"
        ),
        Check("sleeps", tr("the parent sleeps meanwhile"), lambda: sleeps(seen), after="children"),
        Check(
            "values", tr("{count} children: {seconds} s", **values), lambda: has_values(seen, values), after="reaped"
        ),
        Check("ends", tr("each child ends by itself"), lambda: end(seen), after="reaped"),
        Check("over", tr("then the parent ends"), lambda: is_over(seen), after="reaped"),
    )


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
        raise in_turn(seen, found[-1], begun - ended)
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


def in_turn(seen: Seen, last: History, late: float) -> Mistake:
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
    for one, other in itertools.pairwise(found):
        gap = [Span(one.first_seen, other.first_seen, 0)]
        slept = seen.in_state(parent, "S", gap)
        if one.command != parent.command:  # it executes a program, for which its parent may wait
            slept -= seen.waited(one, gap) + seen.used(one, gap[0].start, gap[0].end)
        over = slept - PAUSE
        if 0 < over <= seen.slack - SCHEDULING:
            seen.can_tell(CLEAR)
        if over > seen.slack - SCHEDULING:
            seen.served(within=PAUSE, since=0.0)
            raise pauses(seen, parent, one, other, slept)


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
        compared=(tr("no pause"), tr("{slept:.1f} s", slept=slept)),
    )


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
        compared=(tr("at most {brief} s", brief=BRIEF), tr("{was:.1f} s", was=was)),
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
        compared=(tr("at most {brief} s", brief=BRIEF), tr("{was:.1f} s", was=was)),
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
        tr(
            "the parent {parent} ended while {count_1} of its {count_2} children still ran: {left}",
            parent=parent,
            count_1=len(left),
            count_2=count,
            left=numbers(left),
        ),
        advice=enough_waits(count, asked),
        compared=(tr("all reaped"), tr("{reaped} reaped", reaped=count - len(left))),
    )


def sleeps(seen: Seen) -> None:
    """See the parent asleep, for the most part, from the last child's birth to the last one's end, and hardly at work.

    Who asks again and again may be in S whenever it is looked at, but not without using the CPU.
    """
    found, parent = children(seen), parent_of_most(seen)
    meanwhile = Span(found[-1].first_seen, max(map(seen.ended_at, found)), 0)
    running = sum(overlap(span, meanwhile) for span in parent.states if span.value == "R")
    used = seen.used(parent, meanwhile.start, meanwhile.end)
    if running <= meanwhile.seconds / 2 and used <= REST * (meanwhile.seconds - max(0.0, running - used)):
        return
    raise busy_loop(seen, meanwhile, running, used, parent)


def busy_loop(seen: Seen, meanwhile: Span[int], running: float, used: float, parent: History) -> Mistake:
    """Return the mistake of a parent that asks again and again."""
    return seen.mistake(
        "busy-loop",
        tr(
            "in the {seconds:.1f} s of its children, the parent {pid} was R for {running:.1f} s, and used "
            "{used:.2f} s of the CPU",
            seconds=meanwhile.seconds,
            pid=parent.pid,
            running=running,
            used=used,
        ),
        advice=tr("do not ask again and again: os.wait() without WNOHANG sleeps until a child has ended"),
        compared=("S", "R"),
    )


def order(times: list[float]) -> list[int]:
    """Return who ends when: that is known even where the machine is too busy for the times themselves."""
    return sorted(range(len(times)), key=times.__getitem__)


def asked_for(values: Values) -> list[float]:
    """Return the times of this seat's children."""
    return [float(seconds) for seconds in str(values["seconds"]).split(", ")]


def has_values(seen: Seen, values: Values) -> None:
    """Compare the number of children, and the life of each, with those of this seat."""
    found, asked = children(seen), asked_for(values)
    if are_asked(seen, found, asked) and not extra(seen, found):
        return
    seen.can_tell(0.25)  # in a longer gap a child might have been missed
    if len(found) > len(asked):
        seen.served(within=CHILD, since=0.0)  # what a shell runs for itself takes longer, if it must wait for the CPU
    if forking := [child for child in found if len(workers(seen, child)) > 1]:
        raise runs_on(seen, forking[0])
    added = extra(seen, found)
    if len(found) < len(asked):  # these are of the children, and have slept for too short a time
        found, added = sorted([*found, *added], key=birth), []
    if added:
        raise one_more(seen, added, len(asked))
    raise other_children(seen, found, asked, values)


def are_asked(seen: Seen, found: list[History], asked: list[float]) -> bool:
    """Tell whether these are the children that are asked for, in this order."""
    slept = [seen.in_state(child, "S") for child in found]  # to start may take each another time
    is_in_order = order(asked) in (order([seen.lived(child) for child in found]), order(slept))
    return len(found) == len(asked) and all(map(seen.took, found, asked)) and is_in_order


def extra(seen: Seen, found: list[History]) -> list[History]:
    """Return the children that were forked, and have no task."""
    return [child for child in seen.copies(parent_of_most(seen)) if child not in found]


def one_more(seen: Seen, added: list[History], count: int) -> Mistake:
    """Return the mistake of a parent that has forked more often than it should."""
    was = max(map(seen.lived, added))
    pids = numbers([child.pid for child in added])
    return seen.mistake(
        "count",
        tr(
            "beside the children that slept for their time, the parent forked {pids}, which lived for {was:.2f} s",
            pids=pids,
            was=was,
        ),
        advice=tr("fork {count} times, not more", count=count),
        compared=(tr("{count} children", count=count), tr("{count} more", count=len(added))),
    )


def measured(seen: Seen, child: History) -> float:
    """Return for how long a child slept, or lived where it is rather that which is one of a seat's times."""
    return min(seen.in_state(child, "S"), seen.lived(child), key=lambda was: min(abs(was - one) for one in SECONDS))


def other_children(seen: Seen, found: list[History], asked: list[float], values: Values) -> Mistake:
    """Return the mistake of children that sleep for other times, or in another order, or are more or fewer."""
    times = [measured(seen, child) for child in found]
    was = ", ".join(f"{seconds:.1f}" for seconds in times[:8])
    rationale = tr("children that slept: {count}, for {was} s", count=len(found), was=was)
    expected = tr("{count}: {seconds} s", count=len(asked), seconds=values["seconds"])
    actual = tr("{count}: {was} s", count=len(found), was=was)
    if len(found) != len(asked) and (len(times) not in (3, 4, 5) or is_cut(times, asked)):
        key, advice = ("count", tr("one child for each of the times, no more and no fewer"))
    elif all(map(is_near, sorted(times), sorted(asked))) and len(times) == len(asked):
        key, advice = "order", tr("the times are right, but not in this order")
    elif is_a_seats(times):
        return seen.other_values(rationale, values["number"], compared=(expected, actual))
    else:
        key, advice = "times", tr("give each child a time of its own to sleep for")
    return seen.mistake(key, rationale, advice=advice, compared=(expected, actual))


def is_near(was: float, asked: float) -> bool:
    """Tell whether a time is about as asked, and no other time of a seat."""
    return abs(was - asked) <= NEAR


def is_cut(times: list[float], asked: list[float]) -> bool:
    """Tell whether the shorter list is the beginning of the longer one."""
    return all(map(is_near, times, asked))


def is_a_seats(times: list[float]) -> bool:
    """Tell whether another seat may have these times: each another one, and the first the longest."""
    nearest = [min(SECONDS, key=lambda one: abs(one - was)) for was in times]
    return len({*nearest}) == len(nearest) and nearest[0] == max(nearest) and all(map(is_near, times, nearest))


def end(seen: Seen) -> None:
    """See each child end by itself."""
    for child in children(seen):
        seen.ends_by_itself(child)


def is_over(seen: Seen) -> None:
    """See the parent end when it has reaped all, and not sleep on."""
    parent, last = parent_of_most(seen), max(child.gone or 0.0 for child in children(seen))
    slept = seen.in_state(parent, "S", [Span(last, seen.trace.seconds, 0)])
    if seen.at_most(slept, LONGER):
        return
    raise stays(seen, slept, parent)


def stays(seen: Seen, slept: float, parent: History) -> Mistake:
    """Return the mistake of a parent that sleeps on."""
    return seen.mistake(
        "stays",
        tr("the parent {pid} slept for {slept:.1f} s more when all had been reaped", pid=parent.pid, slept=slept),
        advice=tr("end when the last wait has returned"),
        compared=(tr("the end"), tr("{slept:.1f} s of sleep", slept=slept)),
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
