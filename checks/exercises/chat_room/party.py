"""The clients, and what they have to hear."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from checks.exercises.chat_room.words import CONNECT, LATE, PATIENCE, is_notice, is_welcome
from checks.judging.crowd import Crowd, Guest
from checks.judging.seat import Running


@dataclass
class Party:
    """The clients, and what they have to hear."""

    crowd: Crowd
    running: Running
    guests: list[Guest] = field(default_factory=list)  # who is online and listens
    scenes: list[str] = field(default_factory=list)
    expected: list[dict[str, Any]] = field(default_factory=list)
    flood: dict[str, Any] = field(default_factory=dict)

    def hear(self, who: list[Guest], is_it: Callable[[str], bool], what: str, of: str) -> bool:
        """Wait until each has heard a line; note what it was to be, and who has not heard it."""
        came = self.crowd.until(lambda: all(any(map(is_it, guest.heard)) for guest in who), PATIENCE)
        missing = [guest.name for guest in who if not any(map(is_it, guest.heard))]
        self.crowd.until(lambda: all(any(map(is_it, guest.heard)) for guest in who), LATE)
        self.expected.append({"scene": self.scenes[-1], "of": of, "what": what, "to": len(who), "missing": missing})
        return came

    def enter(self, name: str) -> Guest | None:
        """Connect one, or note that it could not."""
        guest = self.crowd.enter(name)
        if not guest and self.crowd.guests:
            self.expected.append({"scene": self.scenes[-1], "of": name, "what": CONNECT, "to": 1, "missing": [name]})
        return guest

    def says(self, guest: Guest, text: str) -> bool:
        """Let one say a line, and wait until all the others have heard it."""
        guest.say(text)
        return self.hears_from(guest, text)

    def hears_from(self, guest: Guest, text: str) -> bool:
        """Wait until all the others have heard a line of one."""
        line = f"{guest.name} : {text}"
        return self.hear(
            [other for other in self.guests if other is not guest], lambda heard: heard == line, line, guest.name
        )


def come(party: Party, name: str) -> Guest | None:
    """Log one in, and wait until it is welcome and the others know."""
    guest = party.enter(name)
    if not guest:
        return None
    guest.say(name)
    welcome = party.hear([guest], is_welcome, f"* welcome {name}", name)
    known = party.hear(party.guests, lambda line: is_notice(line, name), "login", name)
    party.guests.append(guest)
    return guest if welcome and known else None


def go(party: Party, guest: Guest, leave: Callable[[], None]) -> bool:
    """Let one go in some way, and wait until the others know."""
    party.guests.remove(guest)
    before = {other.name: notices(other, guest.name) for other in party.guests}
    leave()
    came = party.crowd.until(
        lambda: all(notices(other, guest.name) > before[other.name] for other in party.guests), PATIENCE
    )
    missing = [other.name for other in party.guests if notices(other, guest.name) <= before[other.name]]
    note = {"scene": party.scenes[-1], "of": guest.name, "what": "logout", "to": len(party.guests), "missing": missing}
    party.expected.append(note)
    return came


def notices(guest: Guest, name: str) -> int:
    """Return how many notices about one a client has heard."""
    return sum(is_notice(line, name) for line in guest.heard)
