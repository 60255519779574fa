"""A program that shows that it works on: it prints a line now and then, on a terminal, and the check notes when.

What the lines say does not count here, but that they come, and when: that is the kernel's word, not the program's.
"""

import itertools
from collections.abc import Callable

from checks.judging.seat import NAP, Evidence, Running, Seat
from checks.judging.seen import Seen
from lab.trace import Span


def run(seat: Seat, slug: str, look: Callable[[Running], None] | None = None) -> Evidence:
    """Run the program to its end, calling `look` all the while; the evidence's `ticks` say when how many lines came."""
    ticks: list[tuple[float, int]] = [(0.0, 0)]
    with seat.started(slug, terminal=True) as running:
        while not running.ended:
            lines = running.lines
            if lines != ticks[-1][1]:
                ticks.append((running.moment(), lines))
            if look:
                look(running)
            running.thread.join(NAP)
    return running.evidence() | {"ticks": [list(tick) for tick in ticks]}


def silence(seen: Seen, evidence: Evidence, start: float, end: float) -> float:
    """Return the seconds of the longest time between two moments in which no line came, and the program slept.

    Without the sleep it was no choice of the program's: it was ready to run (R), or held up by the kernel (D), and a
    busy machine did not serve it. If no line came at all, whatever it did was not this work.
    """
    moments: list[float] = [start, *(moment for moment, _ in evidence["ticks"] if start < moment < end), end]
    if len(moments) == 2:
        return end - start
    return max(seen.in_state(seen.root, "S", [Span(*gap, 0)]) for gap in itertools.pairwise(moments))


def works_on(seen: Seen, evidence: Evidence, start: float, end: float) -> bool:
    """Tell whether a line came each 0.1 s between two moments: none may be late by more than 0.15 s."""
    return seen.at_most(silence(seen, evidence, start, end), 0.25)
