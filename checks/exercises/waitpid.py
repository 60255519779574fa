"""Exercise 10: a parent that works on while its child runs, asks for it now and then, and reaps it soon."""

import signal

from checks.judging import pair, ticks
from checks.judging.result import Check, Mistake, Result, in_turn
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen
from checks.judging.timed import NEAR, SURE, kept_waiting
from checks.judging.wording import hundredths, tenths, tenths_with_status, with_status
from lab.exercises.waitpid.values import CODES, SECONDS
from lab.language import tr, tr_count
from lab.student.seed import Values
from lab.trace import History, Span

CHILD = 0.3  # seconds; the child lives longer, what a shell runs for itself does not
SOON = 0.3  # seconds from the child's end until it is reaped
MORE = 3  # ticks after that


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program on a terminal, and note when it prints."""
    return ticks.run(seat, "waitpid")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say what the parent did while its child ran, and after."""
    seen, code = ticks.unwrapped(Seen.of(evidence)), int(values["code"])
    return in_turn(
        Check("ran", tr("the program runs to its end"), lambda: seen.ran_with_a_status(code)),
        Check("child", tr("there is a child"), lambda: only_child(seen)),
        Check("works", tr("the parent works on while its child runs"), lambda: works(seen, evidence)),
        Check("reaped", tr("the child is reaped within {soon} s of its end", soon=SOON), lambda: is_reaped(seen)),
        Check("goes-on", tr("{least} more ticks follow", least=MORE), lambda: goes_on(seen, evidence)),
        Check(
            "values", tr("a child of {seconds} s, status {code} of both", **values), lambda: has_values(seen, values)
        ),
    )


def only_child(seen: Seen) -> History:
    """Return the child that lived for the longest time."""
    child = max(seen.children, key=seen.lived, default=None)
    if child and seen.lived(child) > seen.enough(CHILD):
        is_alone(seen, child)
        return child
    seen.can_tell(SURE)
    if child:
        raise short_child(seen, child)
    raise no_child(seen)


def no_child(seen: Seen) -> Mistake:
    """Return the mistake of a program of one process."""
    return seen.mistake(
        "no-child",
        tr("process {pid} had no child that was seen", pid=seen.root.pid) + pair.complaint(seen),
        advice=tr("fork a child that sleeps for its time"),
        compared=(tr("a child"), tr("none")),
    )


def short_child(seen: Seen, child: History) -> Mistake:
    """Return the mistake of a child that was gone at once: by an error, or since it has not slept."""
    lived = seen.lived(child)
    error = seen.last_words if seen.has_failed(child) else ""
    return seen.mistake(
        "short-child",
        tr("the child {child} of {root} was gone after {lived:.2f} s", child=child.pid, root=seen.root.pid, lived=lived)
        + error,
        advice=tr("an error has ended it: read it, and mend that line of the child's")
        if error
        else tr("let the child sleep for its time before it ends"),
        compared=(tr("a child that sleeps"), hundredths(lived)),
    )


def is_alone(seen: Seen, child: History) -> None:
    """See no other child forked beside it."""
    if child.command == seen.root.command:
        seen.has_no_more(seen.root, child)


def works(seen: Seen, evidence: Evidence) -> None:
    """See a line come every 0.1 s as long as the child runs, and the parent there until its end."""
    child = only_child(seen)
    end = seen.ended_at(child)
    behind = end - seen.ended_at(seen.root)
    if behind > seen.unseen:
        seen.served(within=behind - seen.unseen, since=0.0)
        raise left_behind(seen, child)
    ticks.are_not_too_many(seen, evidence, child.first_seen, end)
    is_its_own = ticks.are_its_own(seen, evidence, child.first_seen, end)
    if ticks.works_on(seen, evidence, child.first_seen, end):
        if is_its_own:
            return ticks.keeps_pace(seen, evidence, child.first_seen, end)
        raise ticks.not_its_own(seen, evidence, child.first_seen, end)
    if ticks.are_rare(seen, evidence, child.first_seen, end):
        often = ticks.beats(evidence, child.first_seen, end)
        raise ticks.other_pace(seen, evidence, child.first_seen, end, often)
    raise is_silent(seen, evidence, child)


def left_behind(seen: Seen, child: History) -> Mistake:
    """Return the mistake of a parent that ends first."""
    return seen.mistake(
        "left-behind",
        tr("the parent {root} ended while its child {child} still ran", root=seen.root.pid, child=child.pid),
        advice=tr("(0, 0) means not yet: ask again, in a loop, between two ticks"),
        compared=(tr("the child ends first"), tr("the parent ends first")),
    )


def is_silent(seen: Seen, evidence: Evidence, child: History) -> Mistake:
    """Return the mistake of a parent that printed nothing for too long a time while its child ran."""
    end = seen.ended_at(child)
    ticks.are_read(seen, evidence, child.first_seen, end, 2 * seen.late)
    came = ticks.lines(evidence, end - seen.unseen) - ticks.lines(evidence, child.first_seen)
    wrote = seen.wrote(seen.root, child.first_seen, end - seen.unseen)
    if came == 0 and (wrote or not seen.trace.stdout.text):
        return no_line(seen, child)
    silent = ticks.silence(seen, evidence, child.first_seen, end)
    return seen.mistake(
        "blocked",
        tr(
            "the parent {root} printed nothing for {silent:.1f} s while its child {child} ran",
            root=seen.root.pid,
            silent=silent,
            child=child.pid,
        ),
        advice=tr(
            "ask with os.WNOHANG, as waitpid without it stops the parent; print tick, time.sleep(0.1), and ask again"
        ),
        compared=(tr("a line every 0.1 s"), tr("none for {silent:.1f} s", silent=silent)),
    )


def no_line(seen: Seen, child: History) -> Mistake:
    """Return the mistake of a parent of which no line came while its child ran, for all that it wrote."""
    has_no_end = bool(seen.trace.stdout.text)
    how = tr(": what it printed had no end of line") if has_no_end else ""
    return seen.mistake(
        "no-line",
        tr("no line came from the parent {root} while its child {child} ran", root=seen.root.pid, child=child.pid)
        + how,
        advice=tr("print a line each time, with its end, and ask with os.WNOHANG: waitpid without it stops the parent"),
        compared=(tr("a line every 0.1 s"), tr("none")),
    )


def is_reaped(seen: Seen) -> None:
    """See the child reaped soon, by a parent that lives on; of one that ends before its next tick, goes_on tells."""
    child = only_child(seen)
    if seen.ignores(seen.root, signal.SIGCHLD) and seen.is_reaped(child) is False:
        raise seen.never_waited(child)
    was = seen.zombie(child)
    slept = seen.in_state(seen.root, "S", [span for span in child.states if span.value == "Z"])
    reaped = seen.outlived(seen.root, child)
    if (reaped or was <= ticks.EVERY + seen.unseen) and not seen.is_rest(slept, SOON):  # it may have waited for the CPU
        return
    stayed = tr("your child {pid} stayed a zombie for {was:.1f} s after it ended; ", pid=child.pid, was=was)
    if reaped:
        raise late(seen, stayed, was)
    seen.can_tell(SURE)
    raise never_reaped(seen, stayed)


def late(seen: Seen, stayed: str, was: float) -> Mistake:
    """Return the mistake of a parent that asks too late."""
    return seen.mistake(
        "late",
        stayed + tr("its parent asked for it too late"),
        advice=tr("ask after every tick, not after all of them"),
        compared=(tr("at most {soon} s", soon=SOON), tenths(was)),
    )


def never_reaped(seen: Seen, stayed: str) -> Mistake:
    """Return the mistake of a parent that has not asked for its child, or not lived on."""
    return seen.mistake(
        "never-reaped",
        stayed + tr("its parent never asked for it, or did not live on"),
        advice=tr("os.waitpid(pid, os.WNOHANG) after each tick, until it returns the pid; then three more ticks"),
        compared=(tr("gone while its parent lives"), tr("gone with its parent")),
    )


def goes_on(seen: Seen, evidence: Evidence) -> None:
    """See three more beats after that, or four, and then the end."""
    gone = only_child(seen).gone or seen.trace.seconds
    lasted = max(0.0, seen.ended_at(seen.root) - gone)
    least = MORE - 1 if is_in_the_middle(seen) else MORE
    since = gone - seen.unseen
    came, pauses = ticks.beats(evidence, since), ticks.pauses(seen, evidence, since)
    if ticks.count(evidence) - ticks.lines(evidence, since) >= least:  # some may have been noted as one
        wrote = ticks.written(seen, since)
        came = max(came, len(wrote))
        pauses = max(pauses, ticks.gaps([*wrote, seen.ended_at(seen.root)]))
    has_pauses = pauses >= MORE - 1
    if lasted < seen.enough((MORE - 1) * ticks.EVERY) or came < least or not has_pauses:
        seen.can_tell(ticks.EVERY, known=seen.unseen)  # or more than one line may be of before or after
        seen.can_tell(ticks.EVERY, known=seen.late)  # or two beats may have been noted as one
        raise ends_otherwise(seen, "ends-early", came, lasted)
    if max(ticks.beats(evidence, gone), len(ticks.written(seen, gone))) < least:
        seen.can_tell(ticks.EVERY, known=seen.unseen)  # or the first of them may be of before
    if ticks.rests(seen, evidence, gone - seen.unseen) > MORE + 1:
        seen.can_tell(ticks.EVERY, known=seen.unseen + seen.late)  # or one may be of before
        raise ends_otherwise(seen, "ends-late", came, lasted)
    works_for_so_long(seen, gone, lasted, came)


def works_for_so_long(seen: Seen, gone: float, lasted: float, came: int) -> None:
    """See that the time after the child was gone is the parent's choice: its end alone may take so long."""
    waited = seen.waited(seen.root, [Span(gone, seen.trace.seconds, 0)])
    if lasted - waited < seen.enough((MORE - 1) * ticks.EVERY):
        raise kept_waiting(waited)
    chosen = seen.in_state(seen.root, "S", [Span(gone, seen.trace.seconds, 0)])
    if not seen.at_most(chosen + seen.used(seen.root, gone, seen.trace.seconds), (MORE + 1) * ticks.EVERY):
        raise ends_otherwise(seen, "ends-late", came, lasted)


def is_in_the_middle(seen: Seen) -> bool:
    """Tell whether the child may be reaped in the middle of a tick, by another thread: that tick is the first then."""
    return any(span.value > 1 for span in seen.root.threads)


def ends_otherwise(seen: Seen, key: str, came: int, lasted: float) -> Mistake:
    """Return the mistake of a parent that works on for too short or too long a time."""
    return seen.mistake(
        key,
        tr_count(
            came,
            "after its child was gone, the parent {pid} printed {n} time, and ended {lasted:.1f} s later",
            "after its child was gone, the parent {pid} printed {n} times, and ended {lasted:.1f} s later",
            pid=seen.root.pid,
            lasted=lasted,
        ),
        advice=tr(
            "the parent's work does not end with its child: tick {least} times more, with time.sleep(0.1) as "
            "before, and then end",
            least=MORE,
        ),
        compared=(
            tr("{least} lines, or {most}, 0.1 s apart", least=MORE, most=MORE + 1),
            tr("{came} in {lasted:.1f} s", came=came, lasted=lasted),
        ),
    )


def has_values(seen: Seen, values: Values) -> None:
    """Compare the child's life and the status that was passed on with those of this seat."""
    child = only_child(seen)
    seen.ends_by_itself(child)
    own, status = child.exit.code if child.exit else None, seen.status
    if own not in (None, status) or (own is None and status == 0):
        raise status_lost(seen, child, own)
    seconds, code = float(values["seconds"]), values["code"]
    if status == code and seen.is_asked(abs(slept(seen, child, seconds) - seconds)):
        return
    raise other_child(seen, child, values)


def status_lost(seen: Seen, child: History, own: int | None) -> Mistake:
    """Return the mistake of a program that does not pass on what its child ended with."""
    its = "" if own is None else f" ({own})"
    return seen.mistake(
        "status-lost",
        tr(
            "your program ended with status {status}, and not with that of its child {pid}{its}",
            status=seen.status,
            pid=child.pid,
            its=its,
        ),
        advice=tr("what waitpid returned beside the pid is the status: sys.exit(os.waitstatus_to_exitcode(status))"),
        compared=(tr("the child's status") if own is None else own, seen.status),
    )


def slept(seen: Seen, child: History, asked: float) -> float:
    """Return the seconds for which a child slept, or lived if that is nearer to what is asked: to start takes time."""
    asleep = seen.in_state(child, "S")
    if asleep < seen.enough(asked):
        return asleep
    return min(seen.lived(child), asleep, key=lambda one: abs(one - asked))


def other_child(seen: Seen, child: History, values: Values) -> Mistake:
    """Return the mistake of a child that sleeps for another time, or ends with another status; or is a neighbour's."""
    seconds, code, status = float(values["seconds"]), values["code"], seen.status
    was = slept(seen, child, seconds)
    rationale = tr(
        "your child {pid} slept for {was:.1f} s, and it and the program ended with status {status}",
        pid=child.pid,
        was=was,
        status=status,
    )
    compared = with_status(seconds, code), tenths_with_status(was, status)
    if status not in CODES or (status != code and abs(was - seconds) <= NEAR):
        advice = tr("let the child end with status {code}: os._exit({code})", code=code)
        return seen.mistake("status", rationale, advice=advice, compared=compared)
    if status == code or min(abs(was - one) for one in SECONDS) > NEAR:
        advice = tr("let the child sleep for {seconds} s", seconds=seconds)
        return seen.mistake("time", rationale, advice=advice, compared=compared)
    return seen.other_values(rationale, values["number"], compared=compared)
