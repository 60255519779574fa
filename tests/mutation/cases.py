"""The mutants of all right programs, as cases that can be observed, and those that are no fault of a judge."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lab.exercises import EXERCISES, LIVE
from lab.student.seed import values_of
from lab.student.texts import fill
from tests.mutation.operators import OPERATORS
from tests.mutation.site import mutants
from tests.solutions import Case, alternatives, made_for

PLACE = re.compile(r"{{(\w+)}}")
EQUIVALENT = Path(__file__).with_name("equivalent.toml")


@dataclass(frozen=True)
class MutantCase(Case):
    """A right solution with one change."""

    name: str = ""
    text: str = ""

    def __str__(self) -> str:
        return self.name

    @property
    def solution(self) -> str:
        return fill(self.text, values_of(self.slug, self.made_for))


def cases(seed: str, only: str = "") -> Iterator[MutantCase]:
    """Yield the mutants of every right program in Python, made for one seat."""
    for case in made_for(seed, "reference.py") + [c for c in alternatives(seed) if c.path.suffix == ".py"]:
        if case.slug in LIVE or only not in ("", case.slug):
            continue
        known = values_of(case.slug, seed)
        for mutant in mutants(case.path.read_text(encoding="utf-8"), OPERATORS):
            if not set(PLACE.findall(mutant.text)) <= known.keys():
                continue  # it takes a value that this exercise does not have
            name = f"{case.slug}/{case.path.stem}:{mutant}"
            yield MutantCase(case.slug, case.path, seed, seed, name, mutant.text)


def equivalent() -> dict[str, str]:
    """Return, by the name of each mutant that may pass, why it does what the statement demands."""
    groups = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))
    assert set(groups) <= set(EXERCISES)
    return {f"{slug}/{name}": why for slug, group in groups.items() for why, names in group.items() for name in names}
