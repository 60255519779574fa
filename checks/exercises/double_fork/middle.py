"""The middle process: gone at once, and waited for."""

import signal

from checks.exercises.double_fork.ends import ends_by_itself
from checks.exercises.double_fork.grandchild import BRIEF, grandchild, lingers, middle_of, stays
from checks.judging.result import Mistake
from checks.judging.seen import Seen
from checks.judging.timed import reaps
from checks.judging.wording import tenths
from lab.language import tr
from lab.trace import History


def is_gone(seen: Seen) -> None:
    """See the middle process end right after its fork, and no child of the program's own stay a zombie."""
    worker = grandchild(seen)
    middle = middle_of(seen, worker)
    if middle and lingers(seen, middle, worker):
        raise stays(seen, middle, worker)
    middle = middle or max(seen.others, key=seen.kept)
    if middle is not worker:
        ends_by_itself(seen, middle, tr("the middle process"))
    was = seen.zombie(middle)
    if was > BRIEF and idle(seen, middle) > BRIEF + seen.unseen:  # which was its own choice
        raise zombie_for_long(seen, middle, was)
    if not seen.at_most(seen.kept(middle), BRIEF):
        raise zombie_for_long(seen, middle, was)
    is_waited_for(seen, middle, worker)


def idle(seen: Seen, middle: History) -> float:
    """Return the seconds for which the parent of a zombie slept meanwhile."""
    parent = seen.trace.parent(middle)
    return seen.in_state(parent, "S", [span for span in middle.states if span.value == "Z"]) if parent else 0.0


def is_waited_for(seen: Seen, middle: History, worker: History) -> None:
    """See the middle process reaped by a wait, as far as that is known; one that no sample saw, by any at all."""
    if middle is not worker and seen.is_reaped(middle) is not False:
        return
    waited, is_ignored = bool(reaps(seen.root)) or not seen.root.reaped, seen.ignores(seen.root, signal.SIGCHLD)
    if middle is not worker or is_ignored or not waited:
        raise not_waited(seen, is_ignored)


def not_waited(seen: Seen, is_ignored: bool) -> Mistake:
    """Return the mistake of a parent that waits for nobody."""
    return seen.mistake(
        "not-waited",
        tr("no wait of the parent {pid} returned a child", pid=seen.root.pid)
        + (tr(": it ignores SIGCHLD, and the kernel reaped") if is_ignored else ""),
        advice=tr("let the parent wait for the middle process, os.waitpid(pid, 0), and leave SIGCHLD as it is"),
        compared=(tr("a wait that returns the middle process"), tr("none")),
    )


def zombie_for_long(seen: Seen, middle: History, was: float) -> Mistake:
    """Return the mistake of a middle process that is waited for too late, or never."""
    return seen.mistake(
        "middle-zombie",
        tr(
            "the middle process {pid} stayed a zombie for {was:.1f} s after it ended; its parent {ppid} did not "
            "wait for it in time",
            pid=middle.pid,
            was=was,
            ppid=middle.ppid,
        ),
        advice=tr("wait for the middle process right after the fork: it ends at once, so that takes but a moment"),
        compared=(tr("at most {brief} s", brief=BRIEF), tenths(was)),
    )
