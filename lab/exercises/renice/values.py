"""What differs from seat to seat."""

import random


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw the niceness before, and the one after."""
    return {"first": random.randint(1, 8), "second": random.randint(10, 19)}
