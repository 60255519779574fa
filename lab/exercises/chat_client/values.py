"""What differs from seat to seat."""

import random

QUESTIONS = ["heron", "otter", "badger", "raven", "lynx"]
ANSWERS = ["plum", "quince", "walnut", "lychee", "apricot", "papaya"]


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw the watchword that is asked for, and its countersign."""
    return {
        "question": random.choice(QUESTIONS),
        "answer": f"{random.choice(ANSWERS)} {random.randint(100, 999)}",
    }
