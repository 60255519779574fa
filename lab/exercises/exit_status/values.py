"""What differs from seat to seat."""

import random


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw the child's exit status: one byte is all that there is for it, and a shell's own begin at 126."""
    return {"code": random.randint(3, 125)}
