"""The parent, which is not blocked, and the values of this seat."""

from checks.exercises.double_fork.grandchild import grandchild, slept
from checks.judging.drawn import is_a_seats
from checks.judging.pair import wrong_status
from checks.judging.result import Mistake
from checks.judging.seen import CHOSEN, SHOWN, Seen
from checks.judging.wording import exactly, tenths
from lab.language import tr
from lab.student.seed import Values
from lab.trace import History, Span

APART = 0.1  # seconds: half of what lies between two seats' times


def is_free(seen: Seen, short: float) -> None:
    """See the parent end while the grandchild is at work, or at its own time: then that one was too early."""
    worker = grandchild(seen)
    left = seen.ended_at(worker) - seen.ended_at(seen.root)
    if left > seen.unseen:
        return
    worked = seen.ended_at(seen.root) - worker.first_seen
    if seen.about(worked - seen.waited(seen.root, [Span(worker.first_seen, seen.trace.seconds, 0)]), short):
        return
    seen.served(within=seen.unseen - left, since=worker.first_seen)
    raise blocked(seen, short, worker, left)


def blocked(seen: Seen, short: float, worker: History, left: float) -> Mistake:
    """Return the mistake of a parent that waits for the grandchild."""
    return seen.mistake(
        "blocked",
        tr(
            "the parent {root} ended {late:.1f} s after the grandchild {worker}, and not before",
            root=seen.root.pid,
            late=-left,
            worker=worker.pid,
        )
        if -left >= SHOWN
        else tr(
            "the parent {root} ended when the grandchild {worker} did, and not before",
            root=seen.root.pid,
            worker=worker.pid,
        ),
        advice=tr(
            "the parent waits for the middle process only, then sleeps for {short} s, its own work, and ends",
            short=short,
        ),
        compared=(tr("the parent ends first"), tr("the grandchild ends first")),
    )


def has_values(seen: Seen, values: Values) -> None:
    """Compare the times and the exit status with those of this seat."""
    worker = grandchild(seen)
    seen.sleeps_for(worker, float(values["long"]))
    seen.sleeps_for(seen.root, float(values["short"]), since=worker.first_seen)
    long, short, code = float(values["long"]), float(values["short"]), values["code"]
    was, worked, status = seen.lived(worker), seen.ended_at(seen.root) - worker.first_seen, seen.status
    off = min(abs(worked - short), abs(slept(seen, seen.root, worker) - short))
    off_long = min(abs(was - long), abs(seen.in_state(worker, "S") - long))
    if status == code and seen.is_asked(max(off, off_long)):
        return
    in_time = off <= seen.slack
    if worked > short + seen.slack:
        seen.served(within=worked - short - seen.slack, since=worker.first_seen)
    if status not in CHOSEN:
        raise wrong_status(seen, code, about_the_status(code))
    is_ours = status == code  # then a time that is another seat's too is a slip
    if (is_ours and not in_time) or not is_a_seats("double-fork", "short", worked, max(APART, seen.slack)):
        raise wrong_time(seen, tr("the parent"), seen.root, worked, short)
    if is_ours or not is_a_seats("double-fork", "long", was, max(APART, seen.slack)):
        raise wrong_time(seen, tr("the grandchild"), worker, was, long)
    raise anothers(seen, worker, was, worked, values)


def about_the_status(code: object) -> str:
    """Return what helps who ends with another status."""
    return tr(
        "the status is the parent's own: its last line is sys.exit({code}); the others' are not looked at", code=code
    )


def anothers(seen: Seen, worker: History, was: float, worked: float, values: Values) -> Mistake:
    """Return the mistake of two that take another seat's times."""
    status = seen.status
    return seen.other_values(
        tr(
            "the grandchild {pid} worked for {was:.1f} s; the parent ended {worked:.1f} s after its beginning, with "
            "status {status}",
            pid=worker.pid,
            was=was,
            worked=worked,
            status=status,
        ),
        values["number"],
        compared=(
            tr("{long} s, {short} s, status {code}", **values),
            tr("{was:.1f} s, {worked:.1f} s, status {status}", was=was, worked=worked, status=status),
        ),
    )


def wrong_time(seen: Seen, who: str, process: History, was: float, asked: float) -> Mistake:
    """Return the mistake of a process that works for a time that is no seat's, counted from the grandchild's birth."""
    return seen.mistake(
        "wrong-time",
        tr("{who} {pid} worked for {was:.1f} s, and not for {asked} s", who=who, pid=process.pid, was=was, asked=asked),
        advice=tr("each has its own time to sleep, and the grandchild ends then: os._exit, before the parent's part"),
        compared=(exactly(asked), tenths(was)),
    )
