"""What differs from seat to seat."""

import random

NAMES = ["circle", "gyro", "orbit", "ring", "rotor", "spiral", "swirl", "wheel"]


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw the loop's name, and how nice it is."""
    return {"name": random.choice(NAMES), "niceness": random.randint(4, 15)}
