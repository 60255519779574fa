"""What is asked of the spans of a trace again and again."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from lab.trace import History, Span, Trace

V = TypeVar("V")


def overlap(one: Span[Any], other: Span[Any]) -> float:
    """Return the seconds that two spans have in common."""
    return max(0.0, min(one.end, other.end) - max(one.start, other.start))


def covered(spans: Sequence[Span[Any]]) -> float:
    """Return the seconds in which at least one of the spans was on."""
    seconds, end = 0.0, 0.0
    for span in sorted(spans, key=lambda span: span.start):
        seconds += max(0.0, span.end - max(span.start, end))
        end = max(end, span.end)
    return seconds


def at(spans: Sequence[Span[V]], moment: float) -> V | None:
    """Return the value that held at a moment."""
    return next((span.value for span in spans if span.start <= moment < span.end), None)


def stretches(trace: Trace, what: Callable[[float], V]) -> list[Span[V]]:
    """Return what held, as `what` tells for a moment, from one change in any process to the next; equals are joined."""
    spans = [span for h in trace.processes for kind in (h.states, h.parents, h.threads, h.niceness) for span in kind]
    moments = sorted({moment for span in spans for moment in (span.start, span.end)})
    found: list[Span[V]] = []
    for start, end in itertools.pairwise(moments):
        value = what(start)
        if found and found[-1].value == value:
            start = found.pop().start
        found.append(Span(start, end, value))
    return found


def lives(history: History, moment: float) -> bool:
    """Tell whether a process was there at a moment, and had not ended."""
    return history.state_at(moment) not in (None, "Z", "X")
