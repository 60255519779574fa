"""What differs from seat to seat."""

import random

NAMES = ["amber", "bamboo", "cedar", "jasmine", "lotus", "maple", "mulberry", "orchid", "peony", "willow"]


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw what the parent calls itself, and the child."""
    parent, child = random.sample(NAMES, 2)
    return {"parent": parent, "child": child}
