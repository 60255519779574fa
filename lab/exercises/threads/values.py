"""What differs from seat to seat."""

import random

NUMBERS = range(3, 10)  # of threads, and of processes beside them


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw how many threads there are, and as many processes beside them."""
    return {"k": random.randint(NUMBERS.start, NUMBERS.stop - 1)}
