"""The children: they end by themselves, and are zombies together when the signal comes."""

from checks.exercises.sigchld.handling import (
    BLOCKED,
    HELD,
    are_prepared,
    blocks,
    ignored,
    ignored_its,
    is_held,
    never_blocked,
    one_by_one,
    since_the_last,
    too_soon,
)
from checks.judging.pair import complaint_of, crashed
from checks.judging.result import Mistake
from checks.judging.seat import Evidence
from checks.judging.seen import CHOSEN, Seen
from checks.judging.timed import kept_waiting, reaps
from checks.judging.wording import pids_of
from lab.language import tr, tr_count
from lab.trace import History, Span
from lab.trace.timeline import exited

DOZE = 0.1  # seconds that a child may sleep which ends at once


def zombies(seen: Seen) -> list[History]:
    """Return the children that were zombies together, before any was reaped: one may be kept waiting for it later."""
    waiting = [child for child in seen.children if stayed_for(seen, child) > HELD]
    reaped = min((child.gone or seen.trace.seconds for child in waiting), default=0.0)
    found = [child for child in waiting if seen.ended_at(child) < reaped]
    others = [child for child in seen.children if child not in found and is_beside(seen, child, found)]
    if len(found) > 1 and not others:
        return found
    if elsewhere := [process for process in seen.others if seen.zombie(process) > HELD and process not in waiting]:
        raise forked_elsewhere(seen, elsewhere[0])
    seen.can_tell(0.3)
    if ignored_its(seen, seen.children):
        raise ignored(seen)
    if not seen.children and reaps(seen.root):
        raise gone_at_once(seen)
    if not seen.children or (len(seen.children) == 1 and is_held(seen)):
        raise wrong_count(seen, seen.children)
    raise not_together(seen, found)


def stayed_for(seen: Seen, child: History) -> float:
    """Return for how long a child was a zombie, or would have been if it had not waited for the CPU before its end."""
    was = seen.zombie(child)
    if not was or child.command != seen.root.command:  # a wrapper's own are reaped at once
        return was
    return was + seen.waited(child, [Span(child.first_seen, seen.ended_at(child), 0)])


def is_beside(seen: Seen, child: History, found: list[History]) -> bool:
    """Tell whether a child was there between the birth of the first that were held, and the moment of the last's."""
    return bool(found) and any(
        child.first_seen <= other.first_seen + seen.unseen and other.first_seen <= seen.ended_at(child) + seen.unseen
        for other in found
    )


def forked_elsewhere(seen: Seen, process: History) -> Mistake:
    """Return the mistake of a process whose parent is not the first: it is a child's that goes on, or a script's."""
    parent = seen.trace.parent(process)
    if not parent or parent.command != seen.root.command:
        return seen.not_first(process)
    return seen.mistake(
        "child-goes-on",
        tr("your child {parent} forked as well: {process} is its child", parent=parent.pid, process=process.pid),
        advice=tr("a child that does not end goes on in the loop: os._exit(code) is its only line"),
        compared=(tr("it ends at once"), tr("it forks")),
    )


def together(seen: Seen, evidence: Evidence) -> None:
    """See several zombies, and not by chance: a signal that comes right before a sleep waits for its end too."""
    found = zombies(seen)
    if not evidence["blocked"]:
        raise never_blocked(seen)
    are_prepared(seen, found)
    slept, child = max(((seen.in_state(child, "S"), child) for child in found), key=lambda pair: pair[0])
    if seen.is_rest(slept, DOZE):
        raise stays(seen, child)
    if not is_held(seen):
        raise too_soon(seen)
    after = since_the_last(seen)
    waited = seen.waited(seen.root, [after])
    if after.seconds - waited < seen.enough(BLOCKED):  # it may have slept for less, and was let to go on that late
        raise kept_waiting(waited)


def not_together(seen: Seen, found: list[History]) -> Mistake:
    """Return the mistake of children that are reaped one by one, with its cause."""
    were_served(seen)
    if not (blocked := blocks(seen)):
        return never_blocked(seen)
    stayed = max(seen.children, key=lambda child: seen.in_state(child, "S"))
    if seen.in_state(stayed, "S") > HELD:
        return stays(seen, stayed)
    if not is_held(seen):
        return too_soon(seen)
    is_late = blocked[0].start > min(child.first_seen for child in seen.children) + seen.unseen
    return one_by_one(
        seen,
        tr_count(
            len(found),
            "{n} child was a zombie together with others for {held} s",
            "{n} children were zombies together with others for {held} s",
            held=HELD,
        )
        + tr(": SIGCHLD was blocked after the first was there") * is_late,
        tr("block SIGCHLD before the first fork")
        if is_late
        else tr("start them all, one right after the other, and let nobody but the handler wait for them"),
    )


def gone_at_once(seen: Seen) -> Mistake:
    """Return the mistake of children that were reaped before they could be seen: nothing held their signals back."""
    if not blocks(seen):
        return never_blocked(seen)
    return one_by_one(
        seen,
        tr("process {pid} had children, and each was gone within a moment", pid=seen.root.pid),
        tr("start them all, one right after the other, and let nobody but the handler wait for them"),
    )


def stays(seen: Seen, child: History) -> Mistake:
    """Return the mistake of a child that does not end at once."""
    lived = seen.lived(child)
    return seen.mistake(
        "child-stays",
        tr("your child {pid} lived for {lived:.1f} s", pid=child.pid, lived=lived),
        advice=tr("the children end at once: os._exit(code)"),
        compared=(tr("at once"), tr("after {lived:.1f} s", lived=lived)),
    )


def end_by_themselves(seen: Seen) -> None:
    """See no child ended by a signal, or by an error."""
    for child in zombies(seen):
        if child.exit and child.exit.signal is not None:
            raise killed(seen, child, exited(child.exit))
        words = complaint_of(seen, child)
        if words and child.exit and child.exit.code and child.exit.code not in CHOSEN:
            raise crashed(
                seen,
                tr(
                    "an error has ended your child {pid} ({how}){words}",
                    pid=child.pid,
                    how=exited(child.exit),
                    words=words,
                ),
            )


def killed(seen: Seen, child: History, how: str) -> Mistake:
    """Return the mistake of a child that a signal has ended: then no exit status is kept."""
    return seen.mistake(
        "child-killed",
        tr("your child {pid} did not end by itself: {how}, so there is no exit status", pid=child.pid, how=how),
        advice=tr("let each child end itself: os._exit(code)"),
        compared=(tr("an exit status"), how),
    )


def were_served(seen: Seen) -> None:
    """Go on only if all could run: a child that waits for the CPU until the signal comes is no zombie before it."""
    seen.served(within=2 * HELD, since=min((child.first_seen for child in seen.children), default=0.0))


def wrong_count(seen: Seen, children: list[History], asked: int | None = None) -> Mistake:
    """Return the mistake of a parent with more children than it is to have, or fewer."""
    return seen.mistake(
        "wrong-count",
        tr(
            "the number of children of the parent {pid} is {count}: {pids}",
            pid=seen.root.pid,
            count=len(children),
            pids=pids_of(children),
        )
        if children
        else tr("no child of the parent {pid} was seen", pid=seen.root.pid),
        advice=tr("one child for each of the statuses that are asked for"),
        compared=(asked or tr("several"), len(children)),
    )
