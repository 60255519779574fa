"""The solutions in tests/exercises/SLUG, made for a seat: with its values in place of {{name}}.

reference.py, alternative_*.py      must pass (.sh: an executable; of a live exercise, what a student types)
                                    (.c: is compiled)
wrong_*                             must fail: its first line, or that after #!, is `# fails: RESULT MISTAKE`
                                    (of a .c: `// fails: RESULT MISTAKE`)
"""

import re
from dataclasses import dataclass
from pathlib import Path

from lab.exercises import EXERCISES
from lab.student.seed import Values, values_of
from lab.student.texts import fill
from tests.compiled import compiled

FOLDER = Path(__file__).parent / "exercises"
SEEDS = [f"seat{number}" for number in range(10)]


@dataclass(frozen=True)
class Case:
    """A solution, made for the seat with one seed and checked in the seat with another, as a rule the same."""

    slug: str
    path: Path
    seed: str = SEEDS[0]
    made_for: str = SEEDS[0]

    def __str__(self) -> str:
        return f"{self.slug}-{self.path.stem}-{self.seed}" + (f"-from-{self.made_for}" * (self.made_for != self.seed))

    @property
    def values(self) -> Values:
        return values_of(self.slug, self.seed)

    @property
    def solution(self) -> str:
        return fill(self.path.read_text(encoding="utf-8"), values_of(self.slug, self.made_for))

    @property
    def program(self) -> bytes:
        """Return what is handed in."""
        return compiled(self.solution) if self.path.suffix == ".c" else self.solution.encode()

    @property
    def typed(self) -> list[str]:
        """Return the lines of a live one."""
        return [line for line in self.solution.splitlines() if line and not line.startswith("#")]

    @property
    def fails(self) -> tuple[str, str] | None:
        """Return the result that must fail, "" for any, and the mistake; None if all must pass."""
        if self.seed != self.made_for:
            return "", "other-seat"
        found = re.match(r"(?:#!.*\n)?(?:#|//) fails: (\S+) (\S+)$", self.solution, re.MULTILINE)
        return (found[1], found[2]) if found else None


def solutions(slug: str, pattern: str) -> list[Path]:
    return sorted((FOLDER / slug).glob(pattern))


def references() -> list[Case]:
    """Return the reference of each exercise, for ten seats where they differ."""
    slugs = [(slug, SEEDS if differs(slug) else SEEDS[:1]) for slug in EXERCISES]
    return [
        Case(slug, path, seed, seed)
        for slug, seeds in slugs
        for path in solutions(slug, "reference.*")
        for seed in seeds
    ]


def alternatives(seed: str = SEEDS[0]) -> list[Case]:
    """Return the other right ones."""
    return made_for(seed, "alternative_*")


def wrong(seed: str = SEEDS[0]) -> list[Case]:
    """Return the wrong ones."""
    return made_for(seed, "wrong_*")


def made_for(seed: str, pattern: str) -> list[Case]:
    """Return the solutions of such a name, made for one seat."""
    return [Case(slug, path, seed, seed) for slug in EXERCISES for path in solutions(slug, pattern)]


def neighbours(seed: str = SEEDS[0]) -> list[Case]:
    """Return the references as they were made for another seat."""
    return [
        Case(case.slug, case.path, seed, neighbour(case.slug, seed))
        for case in made_for(seed, "reference.*")
        if differs(case.slug)
    ]


def neighbour(slug: str, seed: str) -> str:
    """Return the seed of a seat whose every value is another than in this one."""
    ours = values_of(slug, seed)
    for number in range(1000):
        theirs = values_of(slug, f"neighbour{number}")
        if all(theirs[name] != value for name, value in ours.items() if name != "number"):
            return f"neighbour{number}"
    raise AssertionError(f"every seat has the same {slug}")


def differs(slug: str) -> bool:
    """Tell whether an exercise has any values of the seat's own."""
    return len(values_of(slug, "")) > 1
