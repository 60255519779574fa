"""What differs from seat to seat."""

import random


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw how long a client may be silent, and the number that ends each answer."""
    return {"seconds": random.choice([0.5, 0.8, 1.1, 1.4]), "answer": f"got it {random.randint(100, 999)}"}
