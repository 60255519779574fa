"""All are reaped, at once, and their statuses kept."""

from checks.exercises.sigchld.children import zombies
from checks.exercises.sigchld.handling import HELD, since_the_last
from checks.judging.result import Mistake
from checks.judging.seen import Seen
from checks.judging.wording import pids_of
from lab.language import tr, tr_as
from lab.trace import History, Span

REST = 0.15  # seconds that the parent may sleep from the signal to the last reaped: it may be a loop that it wakes
ZOMBIE = 0.5  # seconds for which a child may be one


def are_reaped(seen: Seen) -> None:
    """See all of them gone soon after the signal, while their parent lives."""
    found = zombies(seen)
    left = [child for child in found if not is_soon_gone(seen, child)]
    if not left:
        are_reaped_by_the_handler(seen, found)
        return
    if len(left) < len(found) and not any(seen.outlived(seen.root, child) for child in left):
        raise one_a_signal(seen, left, len(found))
    seen.can_tell(0.3)  # in a longer gap the one that was reaped might have been missed
    raise never_reaped(seen, left, len(found))


def are_reaped_by_the_handler(seen: Seen, found: list[History]) -> None:
    """See that the parent did not sleep on beside them when the signal had come."""
    come, last = since_the_last(seen).end, max(found, key=lambda child: child.gone or 0.0)
    slept = seen.in_state(seen.root, "S", [Span(come, last.gone or come, 0)])
    if seen.is_rest(slept, REST):
        raise reaped_later(seen, last, slept)


def reaped_later(seen: Seen, last: History, slept: float) -> Mistake:
    """Return the mistake of a program that reaps, but not in its handler."""
    return seen.mistake(
        "reaped-later",
        tr(
            "the parent {root} slept for {slept:.1f} s after SIGCHLD was unblocked, and reaped {pid} only then: it "
            "was not the handler that did",
            root=seen.root.pid,
            slept=slept,
            pid=last.pid,
        ),
        advice=tr("the handler itself calls waitpid, again and again, until none is left"),
        compared=(tr("reaped when the signal comes"), tr("{slept:.1f} s later", slept=slept)),
    )


def one_a_signal(seen: Seen, left: list[History], count: int) -> Mistake:
    """Return the mistake of a handler that reaps one child, and is called for several."""
    reaped = count - len(left)
    return seen.mistake(
        "one-a-signal",
        tr(
            "the handler reaped {reaped_count} of {found_count} children; {left} stayed zombies, for {was:.1f} s",
            reaped_count=reaped,
            found_count=count,
            left=pids_of(left),
            was=max(map(seen.zombie, left)),
        ),
        advice=tr("one signal may stand for many ended children: call waitpid in a loop until none is left"),
        compared=(tr_as("wanted", "{count} reaped", count=count), tr("{count} reaped", count=reaped)),
    )


def never_reaped(seen: Seen, left: list[History], count: int) -> Mistake:
    """Return the mistake of children that were not reaped in time."""
    was = max(map(seen.zombie, left))
    return seen.mistake(
        "never-reaped",
        tr(
            "{left_count} of {found_count} children stayed zombies, for {was:.1f} s: they were not reaped in time",
            left_count=len(left),
            found_count=count,
            was=was,
        ),
        advice=why_not_reaped(seen, was),
        compared=(tr("all reaped"), tr("{count} in time", count=count - len(left))),
    )


def why_not_reaped(seen: Seen, was: float) -> str:
    """Return what to do where zombies stayed: who was slow to start them, to unblock the signal, or to reap."""
    births = [child.first_seen for child in seen.children]
    spread, blocked = max(births) - min(births), since_the_last(seen).seconds
    if spread > ZOMBIE / 2:
        return tr(
            "the last was started {spread:.1f} s after the first: fork them one right after the other", spread=spread
        )
    if blocked > was - HELD:
        return tr("SIGCHLD was blocked for {blocked:.1f} s: unblock it 0.3 s after the last fork", blocked=blocked)
    return tr(
        "the handler is set before the signal is unblocked, and calls waitpid at once, again and again, with no pause"
    )


def is_soon_gone(seen: Seen, child: History) -> bool:
    """Tell whether a child was reaped in time."""
    return seen.outlived(seen.root, child) and seen.at_most(seen.kept(child), ZOMBIE)


def kept(seen: Seen) -> dict[int, int]:
    """Return the exit status that the kernel has kept of each child, by its pid."""
    return {child.pid: child.exit.code for child in zombies(seen) if child.exit and child.exit.code is not None}


def signalled(seen: Seen) -> float:
    """Return when the last of the children was gone: from then on the parent works."""
    return max(child.gone or seen.trace.seconds for child in zombies(seen))
