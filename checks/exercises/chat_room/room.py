"""What was seen of the room."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from checks.exercises.chat_room.words import NAMES
from checks.judging.crowd import Visit, visits
from checks.judging.seat import Evidence
from checks.judging.serving import Served
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

    def was_dropped(self, names: Iterable[str]) -> bool:
        """Tell whether one of these was hung up on."""
        return any(self.visits[name].dropped is not None for name in names)
