"""What differs from seat to seat."""

import random


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw how many children there are, the exit status of each, and how long the parent works on."""
    count = random.choice([3, 4, 5])
    codes = random.sample(list(range(3, 126)), count)
    return {"count": count, "codes": ", ".join(map(str, codes)), "work": random.choice([0.9, 1.2, 1.5])}
