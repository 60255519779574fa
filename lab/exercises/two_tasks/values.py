"""What differs from seat to seat."""

import random


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw how long the two tasks take, and the program's exit status."""
    short, long = sorted(random.sample([0.4, 0.8, 1.2, 1.6], 2))
    return {"short": short, "long": long, "code": random.randint(3, 125)}
