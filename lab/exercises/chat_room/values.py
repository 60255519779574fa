"""What differs from seat to seat."""

import random

NOTICES = [
    ("login", "logout"),
    ("comes in", "goes out"),
    ("is here", "is gone"),
    ("joined", "left"),
    ("arrives", "departs"),
]
ADMINISTRATORS = ["admin", "teacher", "operator", "warden", "captain"]


def values(random: random.Random) -> dict[str, int | str | float]:
    """Draw the words of the notices, who the administrator is, and how many clients come."""
    login, logout = random.choice(NOTICES)
    return {
        "login": login,
        "logout": logout,
        "admin": f"{random.choice(ADMINISTRATORS)}{random.randint(1, 99)}",
        "clients": random.randint(5, 8),
    }
