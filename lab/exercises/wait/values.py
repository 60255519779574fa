"""What differs from seat to seat."""

import random

SECONDS = [0.3, 0.6, 0.9, 1.2, 1.5]  # for which a child may sleep


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw how many children there are, and how long each lives: the first the longest, by 0.6 s from the shortest."""
    count = random.choice([3, 4, 5])
    seconds = random.sample(SECONDS, count)
    longest = max(seconds)
    seconds.remove(longest)
    return {"count": count, "seconds": ", ".join(map(str, [longest, *seconds]))}
