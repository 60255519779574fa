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
        return self.wait(who, lambda guest: any(map(is_it, guest.heard)), what, of)

    def hear_more(self, name: str, before: dict[str, int], what: str) -> bool:
        """Wait until each has heard one more notice about somebody than before."""
        return self.wait(self.guests, lambda guest: notices(guest, name) > before[guest.name], what, name)

    def wait(self, who: list[Guest], has_heard: Callable[[Guest], bool], what: str, of: str) -> bool:
        """Wait until each has heard something, and a while longer for who is late; note who had not heard it."""
        since = self.crowd.moment()
        came = self.crowd.until(lambda: all(map(has_heard, who)), PATIENCE)
        missing = [guest.name for guest in who if not has_heard(guest)]
        self.crowd.until(lambda: all(map(has_heard, who)), LATE)
        note = {"scene": self.scenes[-1], "of": of, "what": what, "to": len(who), "missing": missing}
        self.expected.append(note | {"since": since, "until": self.crowd.moment()})
        return came

    def noticed(self, name: str) -> dict[str, int]:
        """Return how many notices about somebody each has heard."""
        return {guest.name: notices(guest, name) for guest in self.guests}

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


def come(party: Party, name: str, label: str = "", say: Callable[[Guest], None] | None = None) -> Guest | None:
    """Log one in, and wait until it is welcome and the others know; the evidence calls it by its label, if any."""
    guest = party.enter(label or name)
    if not guest:
        return None
    before = party.noticed(name)
    say(guest) if say else guest.say(name)
    welcome = party.hear([guest], is_welcome, f"* welcome {name}", name)
    known = party.hear_more(name, before, "login")
    party.guests.append(guest)
    return guest if welcome and known else None


def go(party: Party, guest: Guest, leave: Callable[[], None], name: str = "") -> bool:
    """Let one go in some way, and wait until the others know by what name it was there."""
    party.guests.remove(guest)
    before = party.noticed(name or guest.name)
    leave()
    return party.hear_more(name or guest.name, before, "logout")


def notices(guest: Guest, name: str) -> int:
    """Return how many notices about one a client has heard."""
    return sum(is_notice(line, name) for line in guest.heard)
