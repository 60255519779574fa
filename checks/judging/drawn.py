"""Whether a value is one that some seat has: else no program can have been made for another seat."""

from functools import cache

from lab.student.seed import values_of

SEATS = 200  # of which all values of a few are drawn


@cache
def drawn(slug: str, name: str) -> frozenset[float]:
    """Return the numbers that seats have for one of an exercise's values."""
    return frozenset(float(values_of(slug, f"seat {number}")[name]) for number in range(SEATS))


def is_a_seats(slug: str, name: str, was: float, off: float) -> bool:
    """Tell whether a number is one that some seat has, or off by no more than so much."""
    return any(abs(was - value) <= off for value in drawn(slug, name))
