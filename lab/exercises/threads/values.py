"""What differs from seat to seat."""

import random


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw how many threads there are, and as many processes beside them."""
    return {"k": random.randint(3, 9)}
