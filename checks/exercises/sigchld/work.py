"""The work of the parent, and the values of this seat."""

from checks.exercises.sigchld.children import were_served, wrong_count, zombies
from checks.exercises.sigchld.handling import one_by_one
from checks.exercises.sigchld.reaping import kept, signalled
from checks.judging import ticks
from checks.judging.drawn import is_a_seats
from checks.judging.result import Mistake
from checks.judging.seat import Evidence
from checks.judging.seen import CHOSEN, Seen
from checks.judging.timed import NEAR, SURE
from checks.judging.wording import exactly, numbers, tenths
from lab.language import tr, tr_count
from lab.student.seed import Values
from lab.trace import History, Span

RARELY = 0.16  # seconds of sleep a line, of a parent that prints one each 0.1 s


def works(seen: Seen, evidence: Evidence) -> None:
    """See a line come every 0.1 s from then on to the program's end."""
    start, end = signalled(seen), seen.ended_at(seen.root)
    ticks.are_not_too_many(seen, evidence, start, end)
    if ticks.works_on(seen, evidence, start, end):
        if not ticks.are_its_own(seen, evidence, start, end):
            raise ticks.not_its_own(seen, evidence, start, end)
        are_often(seen, evidence, start, end)
        return ticks.keeps_pace(seen, evidence, start, end)
    ticks.are_read(seen, evidence, start, end, 2 * seen.late)
    silent = ticks.silence(seen, evidence, start, end)
    raise is_silent(seen, silent)


def is_silent(seen: Seen, silent: float) -> Mistake:
    """Return the mistake of a parent that stops its work."""
    return seen.mistake(
        "silent",
        tr(
            "the parent {pid} printed no whole line for {silent:.1f} s after its children were reaped",
            pid=seen.root.pid,
            silent=silent,
        ),
        advice=tr("its own work goes on: a line, time.sleep(0.1), and again; no wait, no pause"),
        compared=(tr("a line every 0.1 s"), tr("none for {silent:.1f} s", silent=silent)),
    )


def are_often(seen: Seen, evidence: Evidence, start: float, end: float) -> None:
    """See that the parent slept for 0.1 s from line to line, on average, whenever it was let to print them."""
    noted = [tick for tick in evidence["ticks"] if start < tick[0] < end and tick[2]]  # 0 sleeps: of one that is gone
    times = noted[-1][2] - noted[0][2] if noted else 0
    if times < ticks.OFTEN:
        return
    each = seen.in_state(seen.root, "S", [Span(noted[0][0], noted[-1][0], 0)]) / times
    if each <= RARELY:
        return
    seen.can_tell(SURE)
    raise too_rarely(seen, each)


def too_rarely(seen: Seen, each: float) -> Mistake:
    """Return the mistake of a parent that sleeps for too long from line to line."""
    return seen.mistake(
        "too-rarely",
        tr("the parent {pid} slept for {each:.2f} s from line to line", pid=seen.root.pid, each=each),
        advice=tr("a line, then time.sleep(0.1), and again"),
        compared=(tr("a line every 0.1 s"), tr("every {each:.2f} s", each=each)),
    )


def has_values(seen: Seen, values: Values) -> None:
    """Compare the statuses, and the time that the parent worked on, with those of this seat."""
    codes, work = sorted(kept(seen).values()), float(values["work"])
    asked = sorted(int(code) for code in str(values["codes"]).split(", "))
    start, end = signalled(seen), seen.ended_at(seen.root)
    worked, waited = end - start, seen.waited(seen.root, [Span(start, end, 0)])
    might_be = (work, work + ticks.EVERY, work + waited, work + ticks.EVERY + waited)  # one line more, or not
    if codes == asked and seen.is_asked(*(abs(worked - time) for time in might_be)):
        return
    are_some_seats(seen, codes, asked)
    is_its_time = any(seen.about(worked, time) for time in might_be)
    if not is_its_time and (codes == asked or not is_a_seats("sigchld", "work", worked, NEAR)):
        raise wrong_work(seen, worked, work)
    raise anothers(seen, codes, worked, values)


def are_some_seats(seen: Seen, codes: list[int], asked: list[int]) -> None:
    """See as many children as some seat has, none of them reaped before the signal, each with a status of some seat."""
    if len(codes) < len(asked):
        were_served(seen)
        none_was_reaped_before(seen, zombies(seen))
    if len(codes) != len(asked) and (set(codes) & set(asked) or not is_a_seats("sigchld", "count", len(codes), 0)):
        raise wrong_count(seen, zombies(seen), len(asked))
    if odd := [code for code in codes if code not in CHOSEN]:
        raise wrong_status(seen, odd[0], asked)


def anothers(seen: Seen, codes: list[int], worked: float, values: Values) -> Mistake:
    """Return the mistake of a program with another seat's statuses, or time."""
    own, asked = numbers(codes), numbers(sorted(int(code) for code in str(values["codes"]).split(", ")))
    return seen.other_values(
        tr("the children ended with {codes}, and the parent worked on for {worked:.1f} s", codes=own, worked=worked),
        values["number"],
        compared=(
            tr("{asked}; {work} s", asked=asked, work=float(values["work"])),
            tr("{codes}; {worked:.1f} s", codes=own, worked=worked),
        ),
    )


def none_was_reaped_before(seen: Seen, found: list[History]) -> None:
    """See that no wait had returned a child before the signal for these came."""
    signal_came = min(child.gone or seen.trace.seconds for child in found)
    if any(span.start <= signal_came - seen.unseen for span in seen.root.reaped[1:]):
        raise reaped_before(seen, len(found))


def reaped_before(seen: Seen, count: int) -> Mistake:
    """Return the mistake of children that were reaped before the signal for the others came."""
    sentence = tr_count(
        count,
        "only {n} child was left when the signal was unblocked: others had been reaped before",
        "only {n} children were left when the signal was unblocked: others had been reaped before",
    )
    return one_by_one(seen, sentence, tr("block SIGCHLD before the first fork, not after"))


def wrong_status(seen: Seen, code: int, asked: list[int]) -> Mistake:
    """Return the mistake of a child whose exit status is no seat's."""
    child = next(child for child in zombies(seen) if child.exit and child.exit.code == code)
    return seen.mistake(
        "child-status",
        tr(
            "your child {pid} ended with status {code}, which is none of {asked}",
            pid=child.pid,
            code=code,
            asked=numbers(asked),
        ),
        advice=tr("each child ends with its own of these: os._exit(code), with a number"),
        compared=(numbers(asked), code),
    )


def wrong_work(seen: Seen, worked: float, work: float) -> Mistake:
    """Return the mistake of a parent that works on for a time that is no seat's."""
    return seen.mistake(
        "wrong-work",
        tr(
            "the parent {pid} worked on for {worked:.1f} s, and not for {work} s",
            pid=seen.root.pid,
            worked=worked,
            work=work,
        ),
        advice=tr("{work} s of ticks after the children are reaped, then the end", work=work),
        compared=(exactly(work), tenths(worked)),
    )
