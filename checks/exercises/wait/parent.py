"""The parent sleeps meanwhile, and ends after its children, each of which ends by itself."""

from checks.exercises.wait.children import children, parent_of_most
from checks.judging.result import Mistake
from checks.judging.seen import Seen
from checks.judging.spans import overlap
from lab.language import tr
from lab.trace import History, Span

LONGER = 0.3  # seconds that the parent may sleep for after its last child
REST = 0.07  # of the time: who looks again and again, and sleeps for a moment each time, uses more of the CPU


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
    raise busy_loop(seen, parent, meanwhile.seconds, running, used)


def busy_loop(seen: Seen, parent: History, seconds: float, running: float, used: float) -> Mistake:
    """Return the mistake of a parent that asks again and again."""
    return seen.mistake(
        "busy-loop",
        tr(
            "in the {seconds:.1f} s of its children, the parent {pid} was R for {running:.1f} s, and used "
            "{used:.2f} s of the CPU",
            seconds=seconds,
            pid=parent.pid,
            running=running,
            used=used,
        ),
        advice=tr("do not ask again and again: os.wait() without WNOHANG sleeps until a child has ended"),
        compared=("S", "R"),
    )


def end(seen: Seen) -> None:
    """See each child end by itself."""
    for child in children(seen):
        seen.ends_by_itself(child)


def is_over(seen: Seen) -> None:
    """See the parent end when it has reaped all, and not sleep on."""
    parent, last = parent_of_most(seen), max(child.gone or 0.0 for child in children(seen))
    slept = seen.in_state(parent, "S", [Span(last, seen.trace.seconds, 0)])
    if not seen.at_most(slept, LONGER):
        raise stays(seen, parent, slept)


def stays(seen: Seen, parent: History, slept: float) -> Mistake:
    """Return the mistake of a parent that sleeps on."""
    return seen.mistake(
        "stays",
        tr("the parent {pid} slept for {slept:.1f} s more when all had been reaped", pid=parent.pid, slept=slept),
        advice=tr("end when the last wait has returned"),
        compared=(tr("the end"), tr("{slept:.1f} s of sleep", slept=slept)),
    )
