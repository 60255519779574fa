"""What was seen of the room."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from checks.exercises.chat_room.words import NAMES, TWINS, is_answer, is_welcome
from checks.judging.crowd import Visit, visits
from checks.judging.seat import Evidence
from checks.judging.serving import Served
from checks.judging.unusual import shortened
from lab.student.seed import Values


def repeated(visit: Visit) -> str:
    """Return what one was told of the server's own (a greeting, its answer) twice on end; "" if nothing was.

    Only until it has said a second line: a server may confirm each in the same words.
    """
    for (moment, kind, text), following in itertools.pairwise(visit.events):
        if len([said for said, _ in visit.said if said <= moment]) > 1:
            return ""
        if kind == "hear" and text.startswith("* ") and following[1:] == (kind, text):
            return text
    return ""


@dataclass(frozen=True)
class Typed(Served):
    """A server with a keyboard, which the check takes away in the end: who reads it then meets the end of the file."""

    @property
    def complaint(self) -> str:
        """The first error, unless that is the end of the keyboard."""
        said = super().complaint
        return "" if "EOFError" in said else said


@dataclass(frozen=True)
class Room:
    """The evidence, and the values of this seat."""

    served: Served
    values: Values

    @property
    def evidence(self) -> Evidence:
        """What was seen."""
        return self.served.evidence

    @property
    def visits(self) -> dict[str, Visit]:
        """What each client said and heard."""
        return visits(self.evidence)

    @property
    def before_twin(self) -> float:
        """The moment up to which everybody who came had another name."""
        return self.visits["twin"].entered if "twin" in self.visits else float(self.evidence["end"])

    @property
    def online(self) -> list[Visit]:
        """Those who had come in the first scene, and were welcome."""
        return [visit for visit in self.visits.values() if visit.name in NAMES]

    def was_hung_up_on(self, name: str, until: float) -> bool:
        """Tell whether the server has hung up on a client, up to some moment."""
        dropped = self.visits[name].dropped if name in self.visits else None
        return dropped is not None and dropped <= until

    def hung_up_on(self, names: Iterable[str], until: float) -> list[str]:
        """Return on whom of these, and of those who had asked for their names, the server has hung up."""
        wanted = list(names)
        asked = [v.name for v in self.visits.values() if v.name not in TWINS and v.lines and v.lines[0][1] in wanted]
        return [name for name in [*wanted, *asked] if self.was_hung_up_on(name, until)]

    def reason(self, name: str) -> str:
        """Return the last error of the room's own that a client was told; "" if it was told none."""
        return next((text for text in reversed(self.told(name)) if not is_welcome(text)), "")

    def was_refused(self, name: str) -> bool:
        """Tell whether the first that a client was told of its name was no welcome."""
        return not all(map(is_welcome, self.told(name)[:1]))

    def told(self, name: str) -> list[str]:
        """Return what a client was told of its login, or of an error."""
        return [text for _, text in self.visits[name].heard if is_answer(text)] if name in self.visits else []

    def wording(self, note: dict[str, Any], what: str = "") -> str:
        """Return what was to be heard, as this seat has it."""
        what = what or str(note["what"])
        return shortened(f"{note['of']} {self.values[what]}" if what in ("login", "logout") else what)
