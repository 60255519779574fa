"""The solutions in tests/exercises/SLUG, made for a seat: with its values in place of {{name}}.

reference.py, alternative_*.py      must pass (.sh: an executable; of a live exercise, what a student types)
wrong_*                             must fail: its first line, or that after #!, is `# fails: RESULT MISTAKE`
"""

import re
from dataclasses import dataclass
from pathlib import Path

from lab.exercises.seed import Values, values_of
from lab.exercises.texts import fill

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
    def typed(self) -> list[str]:
        """Return the lines of a live one."""
        return [line for line in self.solution.splitlines() if line and not line.startswith("#")]

    @property
    def fails(self) -> tuple[str, str] | None:
        """Return the result that must fail, "" for any, and the mistake; None if all must pass."""
        if self.seed != self.made_for:
            return "", "other-seat"
        found = re.match(r"(?:#!.*\n)?# fails: (\S+) (\S+)$", self.solution, re.MULTILINE)
        return (found[1], found[2]) if found else None


def solutions(slug: str, pattern: str) -> list[Path]:
    return sorted((FOLDER / slug).glob(pattern))
