"""A seed for each seat, from which the exercises draw their numbers: a neighbour's answer is then another one."""

import hashlib
import hmac
import secrets

from lab.host import room
from lab.host.enrolment import roster

SECRET = room.CLASS / "secret"  # the class's; who knows it knows all seeds


def seed_of(seat: str) -> str:
    """Return 32 hexadecimal digits that nobody can tell from the seat's name; without a roster, the name itself."""
    if not roster.in_force():
        return seat
    return drawn_for(seat)


def drawn_for(seat: str) -> str:
    """Return the seed that a seat of a class has, in whatever room it is."""
    return hmac.new(secret().encode(), seat.encode(), hashlib.sha256).hexdigest()[:32]


def secret() -> str:
    """Return the class's secret, which is made once."""
    if not SECRET.exists():
        roster.write_private(SECRET, secrets.token_hex())
    return SECRET.read_text(encoding="utf-8")
