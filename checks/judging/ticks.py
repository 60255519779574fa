"""A program that shows that it works on: it prints a line now and then, on a terminal, and the check notes when.

What the lines say does not count here, but that they come, and when: that is the kernel's word, not the program's.
"""

import itertools
from collections.abc import Callable

from checks.judging.seat import NAP, Evidence, Running, Seat
from checks.judging.seen import Seen


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


def silence(evidence: Evidence, start: float, end: float) -> float:
    """Return the seconds of the longest time between two moments in which no line came."""
    moments: list[float] = [start, *(moment for moment, _ in evidence["ticks"] if start < moment < end), end]
    return max(later - earlier for earlier, later in itertools.pairwise(moments))


def works_on(seen: Seen, evidence: Evidence, start: float, end: float) -> bool:
    """Tell whether a line came each 0.1 s between two moments: none may be late by more than 0.15 s."""
    return seen.at_most(silence(evidence, start, end), 0.25)
