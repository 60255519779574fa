"""Exercise 14: a child that is in D for a while, and comes out of it by itself."""

import signal

from checks.judging.result import Check, Mistake, Result, in_turn
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen
from checks.judging.spans import at, lives
from checks.judging.timed import NEAR, SURE
from checks.judging.wording import numbers, tenths_with_status, with_status
from lab import proc
from lab.exercises.uninterruptible.values import CODES, SECONDS
from lab.language import tr, tr_as
from lab.student.seed import Values
from lab.trace import Exit, History, Span
from lab.trace.timeline import exited

BRIEF = 0.2  # seconds: whoever starts a program, or reads a disk, may be D for a moment
SOON = 0.5  # seconds for which the child may sleep after it was D
HARMLESS = {signal.SIGCHLD, signal.SIGCONT, signal.SIGURG, signal.SIGWINCH, signal.SIGTSTP, signal.SIGSTOP}


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program."""
    return seat.run("uninterruptible")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say who was in D, and what came of it."""
    seen = Seen.of(evidence)
    return in_turn(
        Check("ran", tr("the program runs to its end"), lambda: ran(seen, values)),
        Check("uninterruptible", tr("a child is in D"), lambda: is_the_only_one(seen)),
        Check("clean", tr("it ends, not killed"), lambda: is_clean(seen)),
        Check("values", tr("D for {seconds} s, then status {code}", **values), lambda: has_values(seen, values)),
    )


def ran(seen: Seen, values: Values) -> None:
    """See it end with the status of any seat; whether it is this one's is looked at last."""
    seen.ran(seen.status if seen.status is not None and seen.status in CODES else int(values["code"]))


def uninterruptible(seen: Seen) -> History:
    """Return the process that was D for the longest time."""
    brief = moment(seen)
    child = max(seen.others, key=lambda history: history.longest("D"), default=seen.root)
    if seen.root.longest("D") > max(brief, child.longest("D")):
        raise itself(seen)
    if child.longest("D") > brief or waited_asleep(seen, child) > BRIEF:
        return child
    if child.longest("D") > BRIEF:
        seen.can_tell(BRIEF)
    raise never(seen)


def moment(seen: Seen) -> float:
    """Return for how long whoever starts a program may be D: until the new process is served, late as it may be."""
    return BRIEF + 2 * seen.late


def is_the_only_one(seen: Seen) -> None:
    """See one child that is D for long, and no second."""
    child = uninterruptible(seen)
    others = [other.pid for other in seen.others if other is not child and other.longest("D") > moment(seen)]
    if not others:
        return
    raise more_than_one(seen, child, others)


def more_than_one(seen: Seen, child: History, others: list[int]) -> Mistake:
    """Return the mistake of several that were D."""
    return seen.mistake(
        "more-than-one",
        tr("beside your child {pid}, {others} was D as well", pid=child.pid, others=numbers(others)),
        advice=tr("call fork once, and only in the parent"),
        compared=(tr("one child in D"), 1 + len(others)),
    )


def waited_asleep(seen: Seen, parent: History) -> float:
    """Return the seconds that a process was D while a child of it slept: that one was not just served late."""
    spans = [Span(span.start, span.end, 0) for span in parent.states if span.value == "D"]
    return max((seen.in_state(child, "S", spans) for child in seen.children_of(parent)), default=0.0)


def itself(seen: Seen) -> Mistake:
    """Return the mistake of a program that is in D without a child for it."""
    return seen.mistake(
        "itself",
        tr("your program {pid} itself was D, not a child of it", pid=seen.root.pid),
        advice=tr("fork, and let the child call posix_spawn"),
        compared=(tr("a child in D"), tr("the program in D")),
    )


def never(seen: Seen) -> Mistake:
    """Return the mistake of a child that slept in S instead, or did not wait for anything long enough."""
    child = max(seen.others, key=lambda history: seen.in_state(history, "S"), default=None)
    asleep = seen.in_state(child, "S") if child else 0.0
    if child and asleep > BRIEF:
        return asleep_in_s(seen, child, asleep)
    seen.can_tell(0.3)
    for other in seen.others:
        seen.ends_by_itself(other)
    return waited_for_nothing(seen)


def asleep_in_s(seen: Seen, child: History, asleep: float) -> Mistake:
    """Return the mistake of a child that slept in S instead."""
    return seen.mistake(
        "asleep",
        tr(
            "your child {pid} slept in S for {asleep:.1f} s; no process was D for longer than a moment",
            pid=child.pid,
            asleep=asleep,
        ),
        advice=tr(
            "sleep, and opening a FIFO, can be interrupted; who waits in D waits for a child that it has "
            "vforked: let posix_spawn open the FIFO, and at once"
        ),
        compared=("D", "S"),
    )


def waited_for_nothing(seen: Seen) -> Mistake:
    """Return the mistake of a child that waited for nothing long enough."""
    return seen.mistake(
        "never",
        tr("no process was D for longer than a moment, and no child slept"),
        advice=tr(
            "the check asks the kernel, whatever is printed: let a child call posix_spawn, and let the new program "
            "first open a FIFO (POSIX_SPAWN_OPEN) that nobody opens for writing before its time"
        ),
        compared=("D", tr("D for a moment at most")),
    )


def is_clean(seen: Seen) -> None:
    """See that nobody killed the child: neither its status says so, nor does it leave one that it still waited for.

    Such a grandchild has not become another program yet: that is what ends the wait. One that has may be left behind.
    """
    child = uninterruptible(seen)
    seen.is_waited_for(child)
    left = [orphan for orphan in seen.children_of(child) if orphan.adoptions and is_copy(orphan, child)]
    fatal = deadly(child)
    if not is_killed(child, fatal) and not left:
        ends_soon(seen, child)
        return seen.ends_by_itself(child)
    raise is_cut_short(seen, child, fatal) if left else has_been_killed(seen, child, fatal)


def is_cut_short(seen: Seen, child: History, fatal: list[signal.Signals]) -> Mistake:
    """Return the mistake of a child that was killed while it still waited."""
    how = exit_words(child.exit, fatal)
    return seen.mistake(
        "killed",
        tr(
            "your child {pid} was D for {longest:.1f} s, and its wait was cut short ({how})",
            pid=child.pid,
            longest=child.longest("D"),
            how=how,
        ),
        advice=tr("do not kill it: open the FIFO for writing, and what it waits for comes to its end"),
        compared=(tr_as("child", "it ends by itself"), how),
    )


def has_been_killed(seen: Seen, child: History, fatal: list[signal.Signals]) -> Mistake:
    """Return the mistake of a child that a signal has ended when its wait was over."""
    how = exit_words(child.exit, fatal)
    return seen.mistake(
        "killed",
        tr(
            "your child {pid} was D for {longest:.1f} s, and then did not end by itself ({how})",
            pid=child.pid,
            longest=child.longest("D"),
            how=how,
        ),
        advice=tr(
            "nobody sends it a signal that ends it, neither the parent nor the child itself: it calls os._exit(0)"
        ),
        compared=(tr_as("child", "it ends by itself"), how),
    )


def is_copy(orphan: History, of: History) -> bool:
    """Tell whether a process lived on when it lost its parent, and was still the program that had started it."""
    lost = orphan.adoptions[0].start
    command = at(orphan.commands, lost)
    return lives(orphan, lost) and any(span.value == command for span in of.commands)


def deadly(child: History) -> list[signal.Signals]:
    """Return the signals that a process was sent in D, and that end it as soon as it is awake."""
    asleep = [span for span in child.pending if child.state_at(span.start) == "D" and span.value]
    survived = {number for span in (*child.caught, *child.ignored, *child.blocked) for number in of_mask(span.value)}
    return sorted({number for span in asleep for number in of_mask(span.value)} - survived - HARMLESS)


def of_mask(mask: int) -> list[signal.Signals]:
    """Return the signals of a mask."""
    return [number for number in signal.Signals if number < 32 and proc.has_signal(mask, number)]


def is_killed(child: History, fatal: list[signal.Signals]) -> bool:
    """Tell whether a process was killed: its status says so, or, where that is not known, what it was sent."""
    return child.exit.signal is not None if child.exit else bool(fatal)


def ends_soon(seen: Seen, child: History) -> None:
    """See a child come to its end when its wait has."""
    waits = [span for span in child.states if span.value == "D"]
    awake = max(waits, key=lambda span: span.seconds).end  # who ends may be D for a moment once more
    slept = seen.in_state(child, "S", [Span(awake, seen.trace.seconds, 0)])
    if slept <= SOON + seen.unseen:  # there is room enough in it for a machine that serves the program late
        return
    seen.can_tell(SURE)
    raise stays(seen, child, slept)


def stays(seen: Seen, child: History, slept: float) -> Mistake:
    """Return the mistake of a child that does not end when its wait has."""
    return seen.mistake(
        "stays",
        tr("your child {pid} slept for {slept:.1f} s more after it was D", pid=child.pid, slept=slept),
        advice=tr("when posix_spawn has returned, wait for its program, which ends at once, and then end the child"),
        compared=(tr("it ends too"), tr("{slept:.1f} s of S", slept=slept)),
    )


def exit_words(exit_: Exit | None, fatal: list[signal.Signals]) -> str:
    """Return how a process ended, as far as it was seen."""
    if exit_ and exit_.signal:
        return exited(exit_)
    if fatal:
        return tr("it was sent {name}", name=fatal[0].name)
    return tr("killed")


def has_values(seen: Seen, values: Values) -> None:
    """Compare with what was asked for in this seat."""
    child = uninterruptible(seen)
    seconds, code = float(values["seconds"]), values["code"]
    if seen.status != code or not seen.is_asked(abs(child.longest("D") - seconds)):
        raise other_child(seen, child, values)


def other_child(seen: Seen, child: History, values: Values) -> Mistake:
    """Return the mistake of a child that waits for another time, of another status of the program; or a neighbour's."""
    seconds, code, was, status = float(values["seconds"]), values["code"], child.longest("D"), seen.status
    rationale = tr(
        "your child {pid} was D for {was:.1f} s, and the program ended with status {status}",
        pid=child.pid,
        was=was,
        status=status,
    )
    compared = with_status(seconds, code), tenths_with_status(was, status)
    if status != code and abs(was - seconds) > NEAR and min(abs(was - one) for one in SECONDS) <= NEAR:
        return seen.other_values(rationale, values["number"], compared=compared)
    key, advice = other_status(code) if status != code else other_time(seconds)
    return seen.mistake(key, rationale, advice=advice, compared=compared)


def other_status(code: object) -> tuple[str, str]:
    """Return the key and the hint for another exit status."""
    return "status", tr("end the program with sys.exit({code})", code=code)


def other_time(seconds: float) -> tuple[str, str]:
    """Return the key and the hint for a child that waits for another time."""
    return "time", tr("what it waits for comes after {seconds} s: a FIFO is opened for writing then", seconds=seconds)
