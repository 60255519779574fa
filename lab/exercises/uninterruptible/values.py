"""What differs from seat to seat."""

import random

SECONDS = [0.5, 0.9, 1.3, 1.7]  # for which the child may be in D
CODES = range(10, 100)  # with which the program may end


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw how long the child is in D, and the status with which the program ends."""
    return {"seconds": random.choice(SECONDS), "code": random.randint(CODES.start, CODES.stop - 1)}
