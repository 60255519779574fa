"""A program that shows that it works on: it prints a line now and then, on a terminal, and the check notes when.

What the lines say does not count here, but that they come, and when, and that the program's first process is awake for
them: that is the kernel's word, not the program's.
"""

import itertools
import math
import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from checks.judging.called import is_shell
from checks.judging.heard import Listener
from checks.judging.live import sleeps
from checks.judging.result import Mistake
from checks.judging.seat import BUFFER, NAP, Evidence, Running, Seat
from checks.judging.seen import Seen
from lab.language import tr, tr_count
from lab.trace import Span

NEVER = re.compile(r"(?!)")
EVERY = 0.1  # seconds from line to line
AT_ONCE = 5  # lines each time at most: a program may tell more than its tick
FASTEST, SLOWEST = 0.065, 0.17  # seconds from beat to beat, on average
OFTEN = 3  # times that whoever prints a line each 0.1 s sleeps at least; one that is blocked does not once


def run(
    seat: Seat,
    slug: str,
    look: Callable[[Running], None] | None = None,
    *,
    terminal: bool = True,
    pattern: re.Pattern[str] = NEVER,
) -> Evidence:
    """Run the program to its end, calling `look` all the while; only on a terminal a line comes when it is printed.

    The evidence's `ticks` are `[moment, lines so far, how often the first process had gone to sleep by then]`; `heard`
    as that of heard.run.
    """
    ticks: list[tuple[float, int, int]] = [(0.0, 0, 0)]
    listener = Listener(pattern)
    with seat.started(slug, terminal=terminal, heed=listener.add) as running:
        is_over, looked, late = False, time.monotonic(), 0.0
        while not is_over:
            is_over = running.ended  # before the last look: what was printed at the very end counts too
            if (lines := running.lines) != ticks[-1][1]:
                ticks.append((running.moment(), lines, sleeps(running.pid or 0)))
            if look:
                look(running)
            running.thread.join(NAP)
            looked, before = time.monotonic(), looked
            late = max(late, looked - before - NAP)
        began = time.monotonic() - running.moment()
    found = running.evidence() | listener.evidence(began) | {"ticks": [list(tick) for tick in ticks]}
    return found | {"late": max(found["late"], round(late, 4))}


def silence(seen: Seen, evidence: Evidence, start: float, end: float) -> float:
    """Return the seconds of the longest time between two moments in which no line came, and the program slept.

    Without the sleep it was no choice of the program's: it was ready to run (R), or held up by the kernel (D), and a
    busy machine did not serve it. If no line came at all, whatever it did was not this work.
    """
    moments: list[float] = [start, *(tick[0] for tick in evidence["ticks"] if start < tick[0] < end), end]
    if len(moments) == 2:
        return end - start
    return max(seen.in_state(seen.root, "S", [Span(*gap, 0)]) for gap in itertools.pairwise(moments))


def works_on(seen: Seen, evidence: Evidence, start: float, end: float) -> bool:
    """Tell whether a line came each 0.1 s between two moments: none may be late by more than 0.15 s."""
    return seen.at_most(silence(seen, evidence, start, end), 0.25)


def written(seen: Seen, start: float, end: float = math.inf) -> list[float]:
    """Return when the first process was seen to have written something, between two moments: the kernel's word.

    A check that is itself kept from the processor notes several lines at once; who samples is another process.
    """
    return [span.start for span in seen.root.written if start < span.start < end]


def lines(evidence: Evidence, moment: float) -> int:
    """Return how many lines had come by a moment."""
    return max((int(count) for when, count, _ in evidence["ticks"] if when <= moment), default=0)


def count(evidence: Evidence) -> int:
    """Return how many lines came in all; the last may have been noted when the trace was over."""
    return int(evidence["ticks"][-1][1])


def noted(evidence: Evidence, start: float, end: float = math.inf) -> list[float]:
    """Return when the check noted that lines had come, between two moments."""
    return [moment for moment, *_ in evidence["ticks"][1:] if start < moment <= end]


def beats(evidence: Evidence, start: float, end: float = math.inf) -> int:
    """Return at how many moments lines came: several that come at once are one beat."""
    return len(noted(evidence, start, end))


def rest(seen: Seen, evidence: Evidence, start: float, end: float) -> float:
    """Return for how long the first process slept or worked from beat to beat, as a rule (the median)."""
    moments = [tick[0] for tick in evidence["ticks"][1:] if start < tick[0] < end]
    each = chosen(seen, moments)
    return statistics.median(each) if each else 0.0


def rests(seen: Seen, evidence: Evidence, start: float) -> int:
    """Return after how many beats the first process slept or worked on: what is told at the very end is no tick.

    Two of the check's moments may be noted as one, or two of the trace's: whichever were more there were.
    """
    end = seen.ended_at(seen.root)
    return max(
        sum(1 for seconds in chosen(seen, [*moments, end]) if seconds >= EVERY / 2)
        for moments in (noted(evidence, start), written(seen, start))
    )


def pauses(seen: Seen, evidence: Evidence, start: float) -> int:
    """Return after how many beats nothing came for a while, whatever the first process did meanwhile."""
    return gaps([*noted(evidence, start), seen.ended_at(seen.root)])


def gaps(moments: list[float]) -> int:
    """Return between how many moments there was a while."""
    return sum(1 for before, after in itertools.pairwise(moments) if after - before >= EVERY / 2)


def chosen(seen: Seen, moments: list[float]) -> list[float]:
    """Return the seconds that the first process slept or worked between each two moments."""
    gaps = [Span(*gap, 0) for gap in itertools.pairwise(moments)]
    return [seen.in_state(seen.root, "S", [gap]) + seen.used(seen.root, gap.start, gap.end) for gap in gaps]


def keeps_pace(seen: Seen, evidence: Evidence, start: float, end: float) -> None:
    """See the beats be about as often as asked for; what the first process waited for the CPU is not its choice."""
    both = noted(evidence, start, end), written(seen, start, end)
    fast = [moments for moments in both if are_often(moments, start, end)]
    if not fast and not is_slow(seen, evidence, start, end):
        return are_read(seen, evidence, start, end, seen.late)
    raise other_pace(seen, evidence, start, end, max([beats(evidence, start, end), *map(len, fast)]))


def are_often(moments: Sequence[float], start: float, end: float) -> bool:
    """Tell whether beats came too often: on the whole, and in most of the time, as much that came once is many."""
    each = [sum(1 for moment in moments if since < moment <= until) for since, until in tenths(start, end)]
    return len(moments) * FASTEST > end - start and statistics.median(each) > 1


def are_read(seen: Seen, evidence: Evidence, start: float, end: float, late: float) -> None:
    """Go on only if what is much was read in time: whoever writes it sleeps until somebody has."""
    if seen.wrote(seen.root, start, end) > BUFFER * max(1, beats(evidence, start, end)):
        seen.can_tell(EVERY, known=late)


def other_pace(seen: Seen, evidence: Evidence, start: float, end: float, often: int) -> Mistake:
    """Return the mistake of lines that come too often, or too rarely."""
    are_read(seen, evidence, start, end, 2 * seen.late)
    every = (end - start) / max(1, often)
    return seen.mistake(
        "other-pace",
        tr_count(
            often,
            "lines came {n} time in {seconds:.1f} s, every {every:.2f} s, from the parent {pid}",
            "lines came {n} times in {seconds:.1f} s, every {every:.2f} s, from the parent {pid}",
            seconds=end - start,
            every=every,
            pid=seen.root.pid,
        ),
        advice=tr("a line, then time.sleep(0.1), and again"),
        compared=(tr("a line every 0.1 s"), tr("every {every:.2f} s", every=every)),
    )


def tenths(start: float, end: float) -> list[tuple[float, float]]:
    """Return the time between two moments, 0.1 s each; the last may be shorter."""
    often = max(1, math.ceil((end - start) / EVERY))
    return list(itertools.pairwise(min(start + EVERY * number, end) for number in range(often + 1)))


def are_not_too_many(seen: Seen, evidence: Evidence, start: float, end: float) -> None:
    """See that there is a pause between the lines: a busy machine makes them later, not more.

    Now and then there may be many: a program may tell what it likes before and after.
    """
    each = [lines(evidence, after) - lines(evidence, before) for before, after in tenths(start, end)]
    if statistics.median(each) <= AT_ONCE:
        return
    came = lines(evidence, end) - lines(evidence, start)
    raise seen.mistake(
        "no-pause",
        tr_count(
            came,
            "{n} line came in {seconds:.1f} s from your parent {pid}, and not one every 0.1 s",
            "{n} lines came in {seconds:.1f} s from your parent {pid}, and not one every 0.1 s",
            seconds=end - start,
            pid=seen.root.pid,
        ),
        advice=tr("a line, then time.sleep(0.1), and again"),
        compared=(
            tr("a line every 0.1 s"),
            tr_count(came, "{n} line in {seconds:.1f} s", "{n} lines in {seconds:.1f} s", seconds=end - start),
        ),
    )


def woke(evidence: Evidence, start: float, end: float) -> int:
    """Return how often the first process woke between two moments, as far as lines came."""
    counts = [count for moment, _, count in evidence["ticks"] if start < moment < end]
    return max(counts) - counts[0] if counts else 0  # the last may be of one that is gone: 0


def is_slow(seen: Seen, evidence: Evidence, start: float, end: float) -> bool:
    """Tell whether the first process chose to pause for too long."""
    return rest(seen, evidence, start, end) > SLOWEST + seen.late / 2


def are_rare(seen: Seen, evidence: Evidence, start: float, end: float) -> bool:
    """Tell whether lines came from the first process, and it slept too long from beat to beat."""
    is_its_own = beats(evidence, start, end) > 1 and are_its_own(seen, evidence, start, end)
    return is_its_own and is_slow(seen, evidence, start, end)


def are_its_own(seen: Seen, evidence: Evidence, start: float, end: float) -> bool:
    """Tell whether the first process wrote while lines came, or where that is hidden woke, or ran: else another did."""
    often = max(1, min(OFTEN, int((end - start) / EVERY / 2), beats(evidence, start, end) - 1))  # rare ones count, too
    if seen.root.written:
        return len(written(seen, start, end)) >= often
    ran = seen.in_state(seen.root, "R", [Span(start, end, 0)])
    return woke(evidence, start, end) >= often or ran > (end - start) / 4


def unwrapped(seen: Seen) -> Seen:
    """Return what was seen with the program's own process as the first, where a shell's script only started it."""
    of = [child for child in seen.children if not is_shell(child.command) and seen.children_of(child)]
    if not is_shell(seen.root.command) or len(of) != 1:
        return seen
    wrote = [span for span in seen.root.written if of[0].first_seen < span.start < seen.ended_at(of[0])]
    return seen if len(wrote) >= OFTEN else replace(seen, trace=replace(seen.trace, pid=of[0].pid))


def not_its_own(seen: Seen, evidence: Evidence, start: float, end: float) -> Mistake:
    """Return the mistake of a process that slept while another did its work."""
    told = {"pid": seen.root.pid, "seconds": end - start}
    rationale = (
        tr_count(
            len(written(seen, start, end)),
            "lines came, but not from the parent {pid}: it wrote only {n} time in {seconds:.1f} s",
            "lines came, but not from the parent {pid}: it wrote only {n} times in {seconds:.1f} s",
            **told,
        )
        if seen.root.written
        else tr_count(
            woke(evidence, start, end),
            "lines came, but not from the parent {pid}: it woke only {n} time in {seconds:.1f} s",
            "lines came, but not from the parent {pid}: it woke only {n} times in {seconds:.1f} s",
            **told,
        )
    )
    return seen.mistake(
        "not-its-own",
        rationale,
        advice=tr(
            "the work is to be done where fork has returned a pid, not 0; and there, nothing may block as wait does"
        ),
        compared=(tr("the parent works"), tr("it sleeps")),
    )
