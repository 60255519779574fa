"""What differs from seat to seat."""

import random


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw how long the parent works, how long the orphan lives on, and the parent's exit status."""
    return {
        "work": random.choice([0.3, 0.6, 0.9]),
        "alone": random.choice([0.7, 1.0, 1.3]),
        "code": random.randint(3, 125),
    }
