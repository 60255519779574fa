"""What differs from seat to seat."""

import random


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw how long the child is in D, and the status with which the program ends."""
    return {"seconds": random.choice([0.5, 0.9, 1.3, 1.7]), "code": random.randint(10, 99)}
