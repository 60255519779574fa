"""Each demand of a statement is checked: an exercise's table (`demands.md`) against its statement and its solutions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.exercises import EXERCISES, module_name
from tests.solutions import FOLDER, Case, solutions

STATEMENTS = Path(__file__).parents[1] / "lab" / "exercises"
HEADER = ("demand", "check", "broken by")


@dataclass(frozen=True)
class Demand:
    """A row: a clause of the statement, the checks that look at it, the wrong solutions that break just it."""

    clause: str
    checks: tuple[str, ...]
    broken_by: tuple[str, ...]


def demands(slug: str) -> list[Demand]:
    return list(rows((FOLDER / slug / "demands.md").read_text(encoding="utf-8")))


def rows(text: str) -> Iterator[Demand]:
    """Read the one table of a text; its first row is the header."""
    table = [[cell.strip().strip("`") for cell in cells(line)] for line in text.splitlines() if line.startswith("|")]
    assert tuple(table[0]) == HEADER
    for clause, checks, broken_by in table[2:]:
        yield Demand(clause, tuple(words(checks)), tuple(words(broken_by)))


def cells(line: str) -> list[str]:
    r"""Return the cells of a row; a bar within one is written \|."""
    return [cell.replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def words(text: str) -> list[str]:
    return re.findall(r"[\w-]+", text)


def plain(text: str) -> str:
    return " ".join(text.split())


def wrong(slug: str) -> dict[str, Case]:
    return {path.stem: Case(slug, path) for path in solutions(slug, "wrong_*")}


def faults(slug: str, statement: str) -> list[str]:
    """Return what is not so of an exercise's table."""
    found, broken = demands(slug), wrong(slug)
    named = {name for demand in found for name in demand.broken_by}
    return [
        *(f"not in the statement: {d.clause}" for d in found if plain(d.clause) not in plain(statement)),
        *(f"no check: {d.clause}" for d in found if not d.checks),
        *(f"nothing breaks it: {d.clause}" for d in found if not d.broken_by),
        *(f"no such solution: {name}" for name in sorted(named - broken.keys())),
        *(f"in no row: {name}" for name in sorted(broken.keys() - named)),
        *(
            f"{name} fails in {fails[0]}, not in {' or '.join(demand.checks)}: {demand.clause}"
            for demand in found
            for name in demand.broken_by
            if name in broken and (fails := broken[name].fails) and fails[0] not in demand.checks
        ),
    ]


@pytest.mark.parametrize("slug", EXERCISES)
def test_each_demand_has_a_check_and_what_breaks_it(slug: str) -> None:
    statement = (STATEMENTS / module_name(slug) / "statement.en.md").read_text(encoding="utf-8")
    assert demands(slug)
    assert faults(slug, statement) == []


def test_a_table_that_is_not_so_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "zombie").mkdir()
    (tmp_path / "zombie" / "wrong_a.py").write_text("# fails: zombie sleeps\n")
    (tmp_path / "zombie" / "wrong_b.py").write_text("# fails: values other-seat\n")
    (tmp_path / "zombie" / "demands.md").write_text(
        "| demand | check | broken by |\n| --- | --- | --- |\n"
        "| the child ends | `ran` | `wrong_a` |\n| it is green | `zombie` |  |\n| the child | `zombie` | wrong_c |\n"
    )
    monkeypatch.setattr("tests.test_demands.FOLDER", tmp_path)
    monkeypatch.setattr("tests.solutions.FOLDER", tmp_path)
    assert faults("zombie", "First the\nchild ends.") == [
        "not in the statement: it is green",
        "nothing breaks it: it is green",
        "no such solution: wrong_c",
        "in no row: wrong_b",
        "wrong_a fails in zombie, not in ran: the child ends",
    ]
