"""What differs from seat to seat."""

import random

SECONDS = [0.8, 1.1, 1.4, 1.7]  # for which the child may sleep
CODES = range(3, 126)  # with which it may end


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw how long the child runs, and its exit status."""
    return {"seconds": random.choice(SECONDS), "code": random.randint(CODES.start, CODES.stop - 1)}
