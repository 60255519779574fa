"""What differs from seat to seat."""

import random


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw how many clients there are at once, and the words before each answer."""
    return {"clients": random.randint(4, 9), "answer": f"heard {random.randint(100, 999)}:"}
