"""What differs from seat to seat."""

import random

NAMES = ["apple", "banana", "cherry", "grape", "lemon", "mango", "melon", "orange", "peach", "plum"]


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw a name for each state."""
    running, sleeping, stopped = random.sample(NAMES, 3)
    return {"running": running, "sleeping": sleeping, "stopped": stopped}
