"""What differs from seat to seat."""

import random


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw the value before the fork, and the one that the child changes it to."""
    before, after = random.sample(list(range(100, 1000)), 2)
    return {"before": before, "after": after}
