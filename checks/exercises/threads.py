"""Exercise 19: one process with k threads, and beside it k processes with one thread each."""

import re
from dataclasses import dataclass

from checks.judging.result import Check, Mistake, Result, in_turn
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen
from checks.judging.spans import at, lives, stretches
from checks.judging.wording import hundredths, numbers, pids_of, tenths
from lab.exercises.threads.values import NUMBERS
from lab.language import tr, tr_count
from lab.student.seed import Values
from lab.trace import History, Span

HOLD = 0.7  # seconds for which all have to be seen at the same time; 1 s is asked for
LONG = 1.5  # seconds for which they may be there at most, and each of them stay from then on
WAITED = 0.4  # seconds of waiting for the CPU that may be why they were not all there for so long
SURE = 0.2  # seconds to which times must be known of what was there for longer
EXTRA = 0.2  # seconds for which nobody else sleeps
FAILED = re.compile(r"^Exception in thread .*", re.MULTILINE)


@dataclass(frozen=True)
class Crowd:
    """Who is there at a moment: pid and number of threads of those with several, the pids of those with one."""

    threaded: tuple[tuple[int, int], ...]
    single: tuple[int, ...]

    @property
    def counts(self) -> tuple[list[int], int]:
        """How many threads each has that has several, and how many processes have one."""
        return [count for _, count in self.threaded], len(self.single)


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program."""
    return seat.run("threads")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say who had how many threads."""
    seen = Seen.of(evidence)
    k = int(values["k"])
    description = tr("one process with {k} threads, beside {k} with one each", k=k)
    return in_turn(
        Check("ran", tr("the program runs to its end"), seen.ran),
        Check("kinds", tr("there are threads, and processes, at the same time"), lambda: best(seen)),
        Check("counts", description, lambda: has_counts(seen, values)),
        Check("ends", tr("all of them end by themselves"), lambda: end(seen)),
    )


def crowds(seen: Seen) -> list[Span[Crowd]]:
    """Return who was there, from each change to the next."""
    return stretches(seen.trace, lambda moment: crowd(seen, moment))


def crowd(seen: Seen, moment: float) -> Crowd:
    """Return who is there at a moment; a first process with one thread only looks after the others."""
    there = [(h, at(h.threads, moment) or 0) for h in (seen.root, *seen.others) if lives(h, moment)]
    return Crowd(
        tuple((history.pid, threads) for history, threads in there if threads > 1),
        tuple(history.pid for history, threads in there if threads == 1 and history is not seen.root),
    )


def best(seen: Seen) -> list[Span[Crowd]]:
    """Return the stretches with threads beside processes, be it that those have several too."""
    spans = crowds(seen)
    both = [span for span in spans if span.value.threaded and len(span.value.threaded + span.value.single) > 1]
    if both:
        return both
    most = max(spans, key=lambda span: (bool(span.value.threaded or span.value.single), span.seconds)).value
    if not any(span.value.threaded for span in spans):
        raise no_threads(seen, most)
    if not any(span.value.single for span in spans):
        raise no_processes(seen, most)
    raise apart(seen)


def apart(seen: Seen) -> Mistake:
    """Return the mistake of threads and processes that were not there together."""
    return seen.mistake(
        "apart",
        tr("there were threads, and there were processes, but never at the same time"),
        advice=tr("start all of them first, and only then join and wait"),
        compared=(tr("at the same time"), tr("one after the other")),
    )


def no_threads(seen: Seen, most: Crowd) -> Mistake:
    """Return the mistake of processes where threads are asked for."""
    if not most.single:
        return nobody(seen)
    return seen.mistake(
        "no-threads",
        tr_count(
            len(most.single),
            "{n} process was beside the first ({single}), and none ever had more than one thread",
            "{n} processes were beside the first ({single}), and none ever had more than one thread",
            single=numbers(most.single),
        )
        + error(seen),
        advice=tr(
            "what fork makes is a process, with a pid of its own: use threading.Thread for those inside one process"
        ),
        compared=(tr("NLWP over 1 in one process"), tr("NLWP 1 everywhere")),
    )


def nobody(seen: Seen) -> Mistake:
    """Return the mistake of a program that starts nobody."""
    return seen.mistake(
        "nobody",
        tr(
            "your program {pid} was alone, with one thread, for {seconds:.1f} s",
            pid=seen.root.pid,
            seconds=seen.trace.seconds,
        )
        + error(seen),
        advice=tr("fork for the processes first, then start the threads in one of them or in the program itself"),
        compared=(tr("processes and threads"), tr("one process")),
    )


def error(seen: Seen) -> str:
    """Return what ended one of the processes or threads, if it was an error."""
    failed = any(seen.has_failed(history) for history in seen.others) or FAILED.search(seen.complaints)
    return seen.last_words if failed else ""


def no_processes(seen: Seen, most: Crowd) -> Mistake:
    """Return the mistake of threads where processes are asked for."""
    pid, threads = max(most.threaded, key=lambda pair: pair[1])
    return seen.mistake(
        "no-processes",
        tr_count(
            threads,
            "process {pid} had {n} thread, and no process with one thread was beside it",
            "process {pid} had {n} threads, and no process with one thread was beside it",
            pid=pid,
        ),
        advice=tr("threads share one pid: fork for the processes, before you start the threads"),
        compared=(tr("processes beside it"), tr("threads only")),
    )


def has_counts(seen: Seen, values: Values) -> None:
    """Compare the numbers with those that were asked for in this seat."""
    k = int(values["k"])
    both = best(seen)
    right = max((span.seconds for span in both if span.value.counts == ([k], k)), default=0.0)
    if seen.lasted(right, HOLD):
        return is_all(seen, both, k)
    seen.can_tell(HOLD, known=seen.unseen)
    longest = max(both, key=lambda span: span.seconds)
    if right > longest.seconds / 2:
        seen.can_tell(HOLD)
        raise brief(seen, right)
    seen.served(within=min(HOLD - right, WAITED), since=min((child.first_seen for child in seen.others), default=0.0))
    threads, processes = longest.value.counts
    is_a_seats = threads == [processes] and processes in NUMBERS and processes != k
    raise anothers(seen, longest, processes, values) if is_a_seats else other_counts(seen, longest, k)


def anothers(seen: Seen, span: Span[Crowd], count: int, values: Values) -> Mistake:
    """Return the mistake of as many threads and processes as another seat has."""
    was = tr_count(count, "{n} thread, {n} process", "{n} threads, {n} processes")
    compared = tr("{k} threads, {k} processes", k=values["k"]), was
    return seen.other_values(sentence(span), values["number"], compared=compared)


def right_ones(both: list[Span[Crowd]], k: int) -> Span[Crowd]:
    """Return the longest stretch with the right numbers."""
    return max((span for span in both if span.value.counts == ([k], k)), key=lambda span: span.seconds)


def is_all(seen: Seen, both: list[Span[Crowd]], k: int) -> None:
    """See that they were there for no longer than they may, and nobody else who stayed."""
    span = right_ones(both, k)
    if seen.is_over(span.start, span.seconds, LONG, SURE):
        raise long(seen, span.seconds)
    pids = {*span.value.single, *(pid for pid, _ in span.value.threaded)}
    stay, pid = max((leaves(seen, h) - span.start, h.pid) for h in seen.trace.processes if h.pid in pids)
    if seen.is_over(span.start, stay, LONG, SURE):
        raise stays(seen, pid, stay)
    more = [h for h in seen.others if h.pid not in pids and seen.in_state(h, "S") > EXTRA and has_no_task(seen, h)]
    if more:
        raise extra(seen, span, more)


def leaves(seen: Seen, history: History) -> float:
    """Return when one of them was there no more: a first process may wait on, once it has one thread again."""
    if history is seen.root:
        return max((span.end for span in history.threads if span.value > 1), default=0.0)
    return seen.ended_at(history)


def has_no_task(seen: Seen, history: History) -> bool:
    """Tell whether a process looked after nobody: one that waits for the others is as good as the first."""
    return not seen.children_of(history)


def end(seen: Seen) -> None:
    """See that no process was ended, and no thread failed."""
    for history in seen.others:
        seen.ends_by_itself(history)
    if failed := FAILED.search(seen.complaints):
        raise thread_failed(seen, failed)


def thread_failed(seen: Seen, failed: re.Match[str]) -> Mistake:
    """Return the mistake of a thread that an error has ended."""
    return seen.mistake(
        "ended-badly",
        tr("a thread ended by an error ({failed})", failed=failed[0]) + seen.last_words,
        advice=tr("read the error, and mend that line of the thread's"),
        compared=(tr("an end of its own"), failed[0]),
    )


def long(seen: Seen, seconds: float) -> Mistake:
    """Return the mistake of the right numbers that stay for too long."""
    return seen.mistake(
        "long",
        tr("the numbers were right, and for {seconds:.1f} s", seconds=seconds),
        advice=tr("let each thread and each child sleep for 1 s"),
        compared=(tr("1 s"), tenths(seconds)),
    )


def stays(seen: Seen, pid: int, seconds: float) -> Mistake:
    """Return the mistake of one that stays when the others have ended."""
    return seen.mistake(
        "stays",
        tr(
            "the numbers were right, but process {pid} stayed for {seconds:.1f} s from when all were there",
            pid=pid,
            seconds=seconds,
        ),
        advice=tr("let each thread and each child sleep for 1 s, and then end"),
        compared=(tr("1 s"), tenths(seconds)),
    )


def extra(seen: Seen, span: Span[Crowd], more: list[History]) -> Mistake:
    """Return the mistake of processes beside those that are asked for."""
    slept = max(seen.in_state(history, "S") for history in more)
    return seen.mistake(
        "extra",
        sentence(span) + tr("; before or after, {more} slept for {slept:.1f} s", more=pids_of(more), slept=slept),
        advice=tr(
            "start no other processes; a child that goes on in its parent's loop forks too: end it with os._exit"
        ),
        compared=(tr("nobody else"), tr("{count} more", count=len(more))),
    )


def sentence(span: Span[Crowd]) -> str:
    """Say who was there."""
    many = tr(" and ").join(
        tr_count(threads, "process {pid} with {n} thread", "process {pid} with {n} threads", pid=pid)
        for pid, threads in span.value.threaded[:4]
    )
    single = span.value.single
    listed = numbers(single) or "-"
    return tr(
        "for {seconds:.2f} s there was {many}, beside {count} with one thread ({listed})",
        seconds=span.seconds,
        many=many,
        count=len(single),
        listed=listed,
    )


def other_counts(seen: Seen, span: Span[Crowd], k: int) -> Mistake:
    """Return the mistake of other numbers; one thread too many has a hint of its own."""
    threads, processes = span.value.counts
    is_counted = threads == [k + 1] and processes == k
    advice = (
        tr("the thread that a process begins with counts too: start {fewer} more", fewer=k - 1)
        if is_counted
        else tr("count with: ps -o pid,nlwp,stat,args; one process has all the threads, the others have one each")
    )
    listed = tr(", ").join(map(str, threads))
    return seen.mistake(
        "main-counts" if is_counted else "count",
        sentence(span),
        advice=advice,
        compared=(
            tr("one with {k} threads, {k} with one", k=k),
            tr("with {listed} threads; {processes} with one", listed=listed, processes=processes),
        ),
    )


def brief(seen: Seen, seconds: float) -> Mistake:
    """Return the mistake of the right numbers that did not last."""
    return seen.mistake(
        "brief",
        tr("the numbers were right, but only for {seconds:.2f} s", seconds=seconds) + error(seen),
        advice=tr("let each thread and each child sleep for 1 s, and wait only after all were started"),
        compared=(tr("1 s"), hundredths(seconds)),
    )
