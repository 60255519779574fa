"""Which children a wait has returned: a parent's count `reaped` grows by the page faults of each that it waits for.

How many a zombie had is known; of any other, how many it had when it was last looked at: it may have had more since.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Self

from lab.trace import History, Trace

FEW = 16  # page faults that a process has after the last look at it, if it only ends
BEGUN = 0.05  # seconds for which a process may have been seen that has yet to do what it is there for
MOST = 10  # children gone in one moment of which each choice is looked at


@dataclass(frozen=True)
class Moment:
    """The time in which a child went: by how much its parent's count grew, and who else may be why."""

    grown: int
    gone: tuple[History, ...]  # the parent's children that may have gone in it, that one too
    certain: tuple[History, ...]  # those of them that have not gone before it, nor after it
    is_missed: bool  # whether somebody was born and gone meanwhile that no sample has seen

    @classmethod
    def of(cls, trace: Trace, parent: History, child: History) -> Self:
        """Return it; what a parent did last is dated to when its end was known."""
        since, until = present(trace, child), math.inf if child.gone is None else child.gone
        if parent.last_seen <= until:
            until = math.inf
        before = [0, *(span.value for span in parent.reaped if span.start < since)]
        after = [0, *(span.value for span in parent.reaped if span.start <= until)]
        times = [
            (h, present(trace, h), math.inf if h.gone is None else h.gone)
            for h in trace.processes
            if h.parents[-1].value == parent.pid and h is not parent
        ]
        return cls(
            after[-1] - before[-1],
            tuple(h for h, seen, end in times if end >= since and seen <= until),
            tuple(h for h, seen, end in times if since <= seen and end <= until and end < math.inf),
            bool(trace.unrecorded) or any(span.end > since and span.start <= until for span in trace.missed),
        )

    @cached_property
    def choices(self) -> dict[tuple[int, ...], int]:
        """Return who may have been returned, by their places in `gone`, and what they had beyond what is known."""
        places = range(len(self.gone))
        choices = (choice for count in range(len(self.gone) + 1) for choice in combinations(places, count))
        rests = {choice: self.grown - sum(self.gone[place].faults for place in choice) for choice in choices}
        return {choice: rest for choice, rest in rests.items() if self.is_possible(choice, rest)}

    def is_possible(self, choice: tuple[int, ...], rest: int) -> bool:
        """Tell whether these, and whoever was missed, may have had so many page faults more."""
        return rest == 0 or (rest > 0 and (self.is_missed or not all(is_final(self.gone[place]) for place in choice)))

    def returned(self, child: History) -> bool | None:
        """Tell whether a wait has returned the child, None if both may be."""
        place = next((place for place, other in enumerate(self.gone) if other is child), None)
        if place is None or len(self.gone) > MOST:
            return None
        if child.faults > self.grown:
            return False
        likely = [choice for choice, rest in self.choices.items() if self.is_likely(choice, rest)]
        if not likely:  # of one that was there a moment before, it is not said that only somebody was whom nobody saw
            likely = [choice for choice in self.choices if choice or is_final(child)]
        if not likely:
            return None
        if not any(place in choice for choice in self.choices):
            return False
        return True if all(place in choice for choice in likely) else None

    def is_likely(self, choice: tuple[int, ...], rest: int) -> bool:
        """Tell whether these, and nobody else, had so many page faults more: few, but of one that had just begun."""
        lives = [h.last_seen - h.first_seen for h in (self.gone[place] for place in choice) if not is_final(h)]
        return bool(choice) and (rest == 0 or (bool(lives) and (rest <= FEW or min(lives) <= BEGUN)))

    def holds(self, child: History) -> bool:
        """Tell whether a child went in this moment for certain."""
        return any(child is other for other in self.certain)

    def may_be_all(self, children: list[History]) -> bool:
        """Tell whether waits may have returned all of these that went in this moment, and not before or after it."""
        if len(self.gone) > MOST or not self.choices:
            return True
        asked = {n for n, child in enumerate(self.gone) if any(child is one for one in children) and self.holds(child)}
        return any(asked <= set(choice) for choice in self.choices)


def present(trace: Trace, history: History) -> float:
    """Return when a process was last seen that was not yet being reaped: an X may be seen after the count has grown."""
    last = history.states[-1] if history.states else None
    return last.start - trace.longest_gap if last and last.value == "X" else history.last_seen


def is_final(history: History) -> bool:
    """Tell whether a process has no more page faults than are known: it was seen dead, with all its threads."""
    is_dead = any(span.value in "ZX" for span in history.states)
    return is_dead and bool(history.threads) and history.threads[-1].value <= 1
