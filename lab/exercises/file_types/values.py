"""What differs from seat to seat."""

import random

NAMES = {
    "directory": ["amber", "basil", "cedar", "delta", "ember"],
    "file": ["flint", "grove", "hazel", "iris", "jade"],
    "link": ["kelp", "lotus", "maple", "nutmeg", "olive"],
    "socket": ["pearl", "quartz", "reed", "sage", "tulip"],
    "pipe": ["umber", "violet", "willow", "yarrow", "zinnia"],
}


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw a name for each type."""
    return {which: random.choice(names) for which, names in NAMES.items()}
