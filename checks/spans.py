"""What is asked of the spans of a trace again and again."""

from collections.abc import Sequence
from typing import TypeVar

from lab.trace import History, Span

V = TypeVar("V")


def overlap(one: Span[V], other: Span[int]) -> float:
    """Return the seconds that two spans have in common."""
    return max(0.0, min(one.end, other.end) - max(one.start, other.start))


def at(spans: Sequence[Span[V]], moment: float) -> V | None:
    """Return the value that held at a moment."""
    return next((span.value for span in spans if span.start <= moment < span.end), None)


def birth(history: History) -> tuple[int, int]:
    """Return what puts processes in the order in which they began."""
    return history.start, history.pid
