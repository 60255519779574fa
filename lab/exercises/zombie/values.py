"""What differs from seat to seat."""

import random


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw how long the zombie lasts, and the status that it keeps."""
    return {"seconds": random.choice([0.5, 0.8, 1.1, 1.4]), "code": random.randint(2, 99)}
