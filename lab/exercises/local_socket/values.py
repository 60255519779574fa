"""What differs from seat to seat."""

import random


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw the number that ends each answer."""
    return {"answer": f"收到消息 {random.randint(100, 999)}"}
