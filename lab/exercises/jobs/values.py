"""What differs from seat to seat."""

import random

NAMES = ["badger", "beaver", "falcon", "heron", "lynx", "marten", "otter", "raven", "stork", "weasel"]


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw a name for each job."""
    stopped, background, foreground = random.sample(NAMES, 3)
    return {"stopped": stopped, "background": background, "foreground": foreground}
