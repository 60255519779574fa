"""What differs from seat to seat: nothing."""

import random


def values(random: random.Random) -> dict[str, int | str | float]:  # noqa: ARG001 (every one is called with it)
    """Draw nothing: every seat has the same limit."""
    return {}
