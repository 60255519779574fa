"""What was done with SIGCHLD: that it had a handler, and was blocked, and for how long."""

import signal

from checks.judging.result import Mistake
from checks.judging.seat import Evidence
from checks.judging.seen import Seen
from checks.judging.timed import SURE
from lab import proc
from lab.language import tr
from lab.trace import History, Span

BLOCKED = 0.3  # seconds for which the signal is blocked when the last child has started
HELD = 0.1  # seconds of them for which the children are zombies together, at least


def held(seen: Seen, evidence: Evidence) -> str:
    """Return what was done with SIGCHLD when there were children: before that it may be another program's doing."""
    known, first = evidence["sigchld"], min((child.first_seen for child in seen.children), default=0.0)
    ends = [moment for moment, _ in known[1:]] + [seen.trace.seconds]
    lasted = [(end - max(moment, first), str(what)) for (moment, what), end in zip(known, ends, strict=True)]
    is_caught = any(what == "caught" and seconds > HELD for seconds, what in lasted)  # whoever ends may let it go
    return "caught" if is_caught else max(lasted, default=(0.0, ""))[1]


def has_handler(seen: Seen, evidence: Evidence) -> None:
    """See SIGCHLD caught, and not ignored."""
    what = held(seen, evidence)
    if what == "caught":
        return
    if what == "ignored":
        raise ignored(seen)
    seen.can_tell(SURE)
    raise no_handler(seen)


def no_handler(seen: Seen) -> Mistake:
    """Return the mistake of a parent to which SIGCHLD does nothing."""
    return seen.mistake(
        "no-handler",
        tr("process {pid} has no handler for SIGCHLD (SigCgt in /proc)", pid=seen.root.pid),
        advice=tr("signal.signal(signal.SIGCHLD, reap), before the children are started"),
        compared=(tr("a handler"), tr("the default")),
    )


def ignored_its(seen: Seen, children: list[History]) -> bool:
    """Tell whether the parent ignored SIGCHLD when its first child was there; none may be seen of those so reaped."""
    first = min((child.first_seen for child in children), default=0.0)
    return any(proc.has_signal(span.value, signal.SIGCHLD) and span.end > first for span in seen.root.ignored)


def ignored(seen: Seen) -> Mistake:
    """Return the mistake of a parent whose children leave nothing behind."""
    return seen.mistake(
        "ignored",
        tr("process {pid} ignored SIGCHLD (SigIgn in /proc): the kernel throws the statuses away", pid=seen.root.pid),
        advice=tr("with SIG_IGN there is nothing to reap, and no status to be had: set a handler that calls waitpid"),
        compared=(tr("a handler"), "SIG_IGN"),
    )


def blocks(seen: Seen) -> list[Span[int]]:
    """Return when the parent was seen to block SIGCHLD."""
    return [span for span in seen.root.blocked if proc.has_signal(span.value, signal.SIGCHLD)]


def since_the_last(seen: Seen) -> Span[int]:
    """Return the time from the birth of the last child until SIGCHLD was unblocked."""
    born = max((child.first_seen for child in seen.children), default=0.0)
    return Span(born, max((span.end for span in blocks(seen)), default=born), 0)


def is_held(seen: Seen) -> bool:
    """Tell whether SIGCHLD was blocked until 0.3 s after the birth of the last child."""
    return since_the_last(seen).seconds >= seen.enough(BLOCKED)


def are_prepared(seen: Seen, found: list[History]) -> None:
    """See that SIGCHLD had its handler, and was blocked, when the first child was forked, which has that mask as well.

    A child may unblock it for itself: then all do. The handler may come behind the forks, with no sleep in between: on
    a busy machine these take a while, and who waits for the last to be started waits for the CPU with it.
    """
    ordered = proc.by_birth(found)
    first, last = ordered[0], ordered[-1]
    caught = [span.start for span in seen.root.caught if proc.has_signal(span.value, signal.SIGCHLD)]
    slept = seen.in_state(seen.root, "S", [Span(last.first_seen, caught[0], 0)]) if caught else 0.0
    if seen.is_rest(slept - seen.waited(last), HELD):
        raise set_late(seen, first, caught[0])
    are_blocking = {child.pid: proc.has_signal(child.blocked[-1].value, signal.SIGCHLD) for child in found}
    if not are_blocking[first.pid] and any(are_blocking.values()):
        raise blocked_late(seen, first)


def set_late(seen: Seen, first: History, since: float) -> Mistake:
    """Return the mistake of a parent that sets its handler when there are children already."""
    return seen.mistake(
        "handler-late",
        tr(
            "process {pid} had no handler for SIGCHLD until {late:.1f} s after its child {child} was there",
            pid=seen.root.pid,
            late=since - first.first_seen,
            child=first.pid,
        ),
        advice=tr("signal.signal(signal.SIGCHLD, reap), before the children are started"),
        compared=(tr("a handler"), tr("the default")),
    )


def blocked_late(seen: Seen, first: History) -> Mistake:
    """Return the mistake of a parent that blocks the signal when it has forked once."""
    return one_by_one(
        seen,
        tr("the child {pid} was forked before SIGCHLD was blocked: the others have it blocked", pid=first.pid),
        tr("block SIGCHLD before the first fork"),
    )


def too_soon(seen: Seen) -> Mistake:
    """Return the mistake of a parent that does not wait for 0.3 s before it unblocks SIGCHLD."""
    after = since_the_last(seen)
    if after.end < after.start or is_born_free(seen):
        return started_later(seen, after)
    return one_by_one(
        seen,
        tr("SIGCHLD was unblocked {after:.2f} s after the last child was started", after=after.seconds),
        tr("all are started while it is blocked, and it is unblocked in the parent, 0.3 s after the last fork"),
    )


def is_born_free(seen: Seen) -> bool:
    """Tell whether the last child has SIGCHLD unblocked, unlike others: when it was forked, so had its parent."""
    masks = [child.blocked[-1].value for child in seen.children if child.blocked]
    are_blocking = [proc.has_signal(mask, signal.SIGCHLD) for mask in masks]
    return len(masks) == len(seen.children) and any(are_blocking) and not are_blocking[-1]


def started_later(seen: Seen, after: Span[int]) -> Mistake:
    """Return the mistake of a parent that starts a child when SIGCHLD is unblocked already."""
    last, late = max(seen.children, key=lambda child: child.first_seen), max(0.0, -after.seconds)
    return one_by_one(
        seen,
        tr("the child {pid} was started {late:.2f} s after SIGCHLD was unblocked", pid=last.pid, late=late),
        tr("all children are started before that; then the parent works itself: it prints, and starts nothing more"),
    )


def never_blocked(seen: Seen) -> Mistake:
    """Return the mistake of a parent that has a signal come for each child, or as it happens."""
    return one_by_one(
        seen,
        tr(
            "process {pid} did not block SIGCHLD, or for a moment only (SigBlk in /proc): who has ended when it "
            "comes is chance",
            pid=seen.root.pid,
        ),
        tr("block SIGCHLD before the first fork, and unblock it 0.3 s after the last: signal.pthread_sigmask"),
    )


def one_by_one(seen: Seen, rationale: str, advice: str) -> Mistake:
    """Return the mistake of children that are not all told by one signal."""
    return seen.mistake("not-together", rationale, advice=advice, compared=(tr("all at once"), tr("one by one")))
