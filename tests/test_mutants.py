"""Wrong programs that nobody has written: right ones with one change, refused unless it is said why they may pass.

All of them: tests/bench/mutants.py. Here is a sample, the same each time.
"""

import random
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from checks.judging import examine
from checks.judging.result import verdict
from checks.judging.seat import Evidence
from tests.mutation.cases import MutantCase, cases, equivalent
from tests.observed import observe, observers, surroundings
from tests.solutions import SEEDS

SAMPLE = 48


@pytest.fixture(scope="module")
def mutants() -> list[MutantCase]:
    """All of them."""
    return list(cases(SEEDS[0]))


@pytest.fixture(scope="module")
def sample(mutants: list[MutantCase]) -> Iterator[list[tuple[MutantCase, Future[Evidence]]]]:
    """Some, and what was seen of each."""
    chosen = random.Random("a class").sample(mutants, SAMPLE)
    with surroundings(), observers() as pool:
        yield [(case, pool.submit(observe, case, number)) for number, case in enumerate(chosen)]


@pytest.mark.parametrize("number", range(SAMPLE))
def test_a_mutant_is_refused_or_it_is_said_why_it_may_pass(
    number: int, sample: list[tuple[MutantCase, Future[Evidence]]]
) -> None:
    case, seen = sample[number]
    passed = verdict(examine.judge(case.slug, seen.result(), case.values))
    assert passed is not True or case.name in equivalent(), f"{case}\n{case.text}"


def test_what_may_pass_is_there(mutants: list[MutantCase]) -> None:
    assert set(equivalent()) - {case.name for case in mutants} == set()
