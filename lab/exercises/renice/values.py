"""What differs from seat to seat."""

import random

FIRST = (1, 8)  # what a seat may be asked for, from and to
SECOND = (10, 19)


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw the niceness before, and the one after."""
    return {"first": random.randint(*FIRST), "second": random.randint(*SECOND)}
