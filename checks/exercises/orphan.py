"""Exercise 7: a child that outlives its parent, is adopted, and ends by itself."""

from checks.judging.drawn import is_a_seats
from checks.judging.pair import complaint, ends_by_itself, wrong_status
from checks.judging.result import Check, Mistake, Result, in_turn
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import CHOSEN, SHOWN, Seen
from checks.judging.timed import NEAR, SURE
from checks.judging.wording import exactly, pids_of, tenths
from lab.language import tr
from lab.student.seed import Values
from lab.trace import History, Span

IDLE = 0.1  # seconds of sleep; each seat's parent has 0.3 at least


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program."""
    return seat.run("orphan")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say who was whose parent, and until when."""
    seen, code = Seen.of(evidence), int(values["code"])
    return in_turn(
        Check("ran", tr("parent and child end by themselves"), lambda: ran(seen, code)),
        Check("orphan", tr("a child is adopted while it lives"), lambda: orphan(seen)),
        Check("ends", tr("the orphan ends by itself"), lambda: ends_by_itself(seen, orphan(seen))),
        Check(
            "values",
            tr("work {work} s, then alone {alone} s, status {code}", **values),
            lambda: has_values(seen, values),
        ),
    )


def ran(seen: Seen, code: int) -> None:
    """See nobody killed, and nobody left running."""
    killed = seen.trace.exit.signal if seen.trace.exit else None
    if killed and not seen.trace.cut:
        raise parent_killed(seen, killed)
    seen.ran_with_a_status(code)


def parent_killed(seen: Seen, killed: int) -> Mistake:
    """Return the mistake of a parent that a signal has ended."""
    return seen.mistake(
        "parent-killed",
        tr("the parent {pid} was killed by signal {killed}; it should end by itself", pid=seen.root.pid, killed=killed),
        advice=tr("a parent that has done its work leaves with sys.exit; nobody has to kill it"),
        compared=(tr("an exit status"), tr("signal {killed}", killed=killed)),
    )


def alone(seen: Seen, child: History) -> float:
    """Return the seconds from the end of the program's first process to that of another."""
    return seen.ended_at(child) - seen.ended_at(seen.root)


def adopted_at(seen: Seen, child: History) -> float | None:
    """Return when a process was first seen with a parent from outside, None for never."""
    return next((span.start for span in child.parents if span.value not in seen.pids), None)


def is_adopted(seen: Seen, child: History) -> bool:
    """Tell whether a process was given a parent from outside, and was seen alive with it."""
    since = adopted_at(seen, child)
    return since is not None and seen.ended_at(child) - since > seen.unseen


def orphan(seen: Seen) -> History:
    """Return the one process that was adopted when the first process ended."""
    if not seen.others:
        raise no_child(seen)
    adopted = [child for child in seen.others if is_adopted(seen, child)]
    if not adopted:
        raise none_adopted(seen)
    child = max(adopted, key=lambda child: alone(seen, child))
    early = seen.ended_at(seen.root) - (adopted_at(seen, child) or 0.0)
    if early > 0 and not seen.is_asked(early):
        raise adopted_early(seen, child, early)
    if len(adopted) > 1:
        raise several(seen, adopted)
    if copies := [other for other in seen.others if is_another(seen, other, child)]:
        raise forks_more(seen, [child, *copies])
    return child


def is_another(seen: Seen, other: History, child: History) -> bool:
    """Tell whether a process is a copy of the orphan or the first one, and is not it, nor has started it by exec."""
    is_its_parent = other is seen.trace.parent(child) and other.command != seen.root.command
    is_new = other is not child and not is_its_parent and other.command in (child.command, seen.root.command)
    return is_new and not seen.is_brief(other)


def forks_more(seen: Seen, children: list[History]) -> Mistake:
    """Return the mistake of more children than one, of which one is an orphan."""
    return seen.mistake(
        "several",
        tr("the parent {pid} was not alone with one child: {pids}", pid=seen.root.pid, pids=pids_of(children)),
        advice=tr("fork once"),
        compared=(tr("one child"), len(children)),
    )


def no_child(seen: Seen) -> Mistake:
    """Return the mistake of a program of one process; a child that fails at once may not have been seen."""
    threads = max(span.value for span in seen.root.threads)
    alone = tr("your program was one process, {pid}", pid=seen.root.pid)
    return seen.mistake(
        "no-child",
        alone
        + (
            tr(", with {threads} threads", threads=threads)
            if threads > 1
            else tr(": a child, if it had one, was gone within a moment") + complaint(seen)
        ),
        advice=tr("a thread ends with its process: fork a child that lives longer than its parent")
        if threads > 1
        else tr("fork a child that lives longer than its parent"),
        compared=(tr("two processes"), tr("one process")),
    )


def none_adopted(seen: Seen) -> Mistake:
    """Return the mistake of a program whose child did not outlive its first process."""
    child = max(seen.others, key=seen.ended_at)
    ends_by_itself(seen, child)
    seen.can_tell(SURE)
    unasked = seen.in_state(seen.root, "S", [span for span in child.states if span.value == "Z"])
    stayed = -alone(seen, child)
    if stayed <= seen.slack and unasked <= seen.unseen and seen.is_reaped(child) is not False:
        return waits(seen, child)
    if stayed > seen.slack and unasked <= seen.unseen:  # else it slept, which was its own choice
        seen.served(within=stayed - seen.slack, since=child.first_seen)
    return child_first(seen, child, stayed)


def child_first(seen: Seen, child: History, stayed: float) -> Mistake:
    """Return the mistake of a child that ends while its parent is there."""
    return seen.mistake(
        "child-first",
        tr(
            "your child {child} ended {stayed:.1f} s before its parent {root} did",
            child=child.pid,
            stayed=stayed,
            root=seen.root.pid,
        )
        if stayed >= SHOWN
        else tr("your child {child} ended when its parent {root} did", child=child.pid, root=seen.root.pid),
        advice=tr("it must live longer than its parent: let it sleep for the parent's time and its own"),
        compared=(
            tr("the parent ends first"),
            tr("the child ends first") if stayed >= SHOWN else tr("at the same time"),
        ),
    )


def waits(seen: Seen, child: History) -> Mistake:
    """Return the mistake of a parent that ends as soon as its child has."""
    return seen.mistake(
        "parent-waits",
        tr(
            "the parent {root} was there until its child {child} had ended: no orphan",
            root=seen.root.pid,
            child=child.pid,
        ),
        advice=tr("something in the parent waits for the child: wait, or the end of a multiprocessing program"),
        compared=(tr("the parent ends first"), tr("the parent waits")),
    )


def adopted_early(seen: Seen, child: History, early: float) -> Mistake:
    """Return the mistake of an orphan of another process than the first."""
    return seen.mistake(
        "adopted-early",
        tr(
            "process {child} was adopted {early:.1f} s before the program's first process {root} ended: its parent "
            "was another",
            child=child.pid,
            early=early,
            root=seen.root.pid,
        ),
        advice=tr("one fork is enough here: the orphan is a child of the first process, and is adopted when that ends"),
        compared=(tr("adopted at the parent's end"), tr("{early:.1f} s before", early=early)),
    )


def several(seen: Seen, adopted: list[History]) -> Mistake:
    """Return the mistake of more orphans than one."""
    return seen.mistake(
        "several",
        tr(
            "{count} processes outlived the parent {pid}: {pids}",
            count=len(adopted),
            pid=seen.root.pid,
            pids=pids_of(adopted),
        ),
        advice=tr("fork once: after it both processes go on, and a second fork is done by both"),
        compared=(tr("one orphan"), len(adopted)),
    )


def has_values(seen: Seen, values: Values) -> None:
    """Compare the times and the exit status with those of this seat."""
    child = orphan(seen)
    work, lonely, code = float(values["work"]), float(values["alone"]), values["code"]
    worked, was, status = seen.ended_at(seen.root) - child.first_seen, alone(seen, child), seen.status
    slept = seen.in_state(child, "S")  # an interpreter that needed time to start ends later, having slept as long
    is_code, off = status == code, min(abs(was - lonely), abs(slept - work - lonely))
    if is_code and seen.is_asked(max(abs(worked - work), off)):
        return
    if status not in CHOSEN:
        raise wrong_status(seen, code, about_the_status(code))
    if not is_a_seats("orphan", "work", worked, NEAR) or is_at_once(seen, child, work):
        raise wrong_work(seen, child, worked, work)
    is_slip = is_code and seen.about(worked, work)  # even if the time is another seat's too
    if is_slip or not is_a_seats("orphan", "alone", was, NEAR):
        raise wrong_alone(seen, child, was, values)
    raise anothers(seen, child, worked, was, values)


def about_the_status(code: object) -> str:
    """Return what helps who ends with another status."""
    return tr(
        "the status is the parent's own: its last line is sys.exit({code}); the child's is not looked at", code=code
    )


def anothers(seen: Seen, child: History, worked: float, was: float, values: Values) -> Mistake:
    """Return the mistake of two that take another seat's times."""
    status = seen.status
    return seen.other_values(
        tr(
            "the parent ended {worked:.1f} s after your child {pid} began, with status {status}; the child was "
            "alone for {was:.1f} s",
            worked=worked,
            pid=child.pid,
            status=status,
            was=was,
        ),
        values["number"],
        compared=(
            tr("{work} s, {lonely} s, status {code}", lonely=float(values["alone"]), **values),
            tr("{worked:.1f} s, {was:.1f} s, status {status}", worked=worked, was=was, status=status),
        ),
    )


def is_at_once(seen: Seen, child: History, work: float) -> bool:
    """Tell whether the parent ended, too early or too late, and had not slept since its child began."""
    end = seen.ended_at(seen.root)
    slept = seen.in_state(seen.root, "S", [Span(child.first_seen, end, 0)])
    return slept < IDLE and not seen.about(end - child.first_seen, work)


def wrong_work(seen: Seen, child: History, worked: float, work: float) -> Mistake:
    """Return the mistake of a parent that does not stay for its time after the fork."""
    return seen.mistake(
        "wrong-work",
        tr(
            "the parent {root} ended {worked:.1f} s after your child {child} began, and not {work} s after",
            root=seen.root.pid,
            worked=worked,
            child=child.pid,
            work=work,
        ),
        advice=tr("the fork comes first; then the parent sleeps for {work} s, and ends", work=work),
        compared=(exactly(work), tenths(worked)),
    )


def wrong_alone(seen: Seen, child: History, was: float, values: Values) -> Mistake:
    """Return the mistake of an orphan whose time alone is no seat's."""
    work, lonely = float(values["work"]), float(values["alone"])
    is_the_parents = child.exit is None or child.exit.code == seen.status
    is_through = is_the_parents and seen.about(was, work + lonely)  # it does the parent's part as well
    return seen.mistake(
        "wrong-alone",
        tr(
            "your child {pid} lived on for {was:.1f} s after its parent's end, and not for {lonely} s",
            pid=child.pid,
            was=was,
            lonely=lonely,
        ),
        advice=tr("does it go on with the parent's part? End it with os._exit(0) where its own part ends")
        if is_through
        else tr("count from the fork: it sleeps for {work} + {lonely} s, and ends", work=work, lonely=lonely),
        compared=(exactly(lonely), tenths(was)),
    )
