"""What differs from seat to seat."""

import random

TIMES = [0.5, 0.8, 1.1, 1.4]


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw how long a client may be silent, and the number that ends each answer."""
    return {"seconds": random.choice(TIMES), "answer": f"got it {random.randint(100, 999)}"}
