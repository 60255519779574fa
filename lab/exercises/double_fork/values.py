"""What differs from seat to seat."""

import random


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw how long the grandchild works, for how long the parent works meanwhile, and its exit status."""
    return {
        "long": random.choice([1.4, 1.7, 2.0]),
        "short": random.choice([0.6, 0.8, 1.0]),
        "code": random.randint(3, 125),
    }
