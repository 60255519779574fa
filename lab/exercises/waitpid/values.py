"""What differs from seat to seat."""

import random


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw how long the child runs, and its exit status."""
    return {"seconds": random.choice([0.8, 1.1, 1.4, 1.7]), "code": random.randint(3, 125)}
