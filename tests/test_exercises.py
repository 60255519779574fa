"""Every exercise: right solutions pass, each wrong one fails with the hint meant for it, in both languages.

The solutions are those of tests/solutions.py. All are run at the same time, a few at once: most of a run is waiting.
"""

import json
import os
import re
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from checks.judging import examine
from checks.judging.crowd import conversation
from checks.judging.result import Result, verdict
from checks.judging.seat import Evidence, Seat
from lab.exercises import EXERCISES, LIVE
from lab.student.seed import Values, values_of
from lab.student.texts import hints, skeleton, statement, title
from lab.trace.timeline import columns
from tests import pseudo
from tests.observed import is_expected, look, observe, observers, surroundings
from tests.solutions import SEEDS, Case, alternatives, neighbours, references, solutions, wrong

CJK = re.compile(r"[\u4e00-\u9fff]")


def params(cases: list[Case]) -> list[ParameterSet]:
    """Return cases as parameters; a bomb's cage is made by the engine."""
    return [pytest.param(case, marks=[pytest.mark.engine] * (case.slug == "fork-bomb"), id=str(case)) for case in cases]


@pytest.fixture(scope="module", autouse=True)
def room() -> Iterator[None]:
    with surroundings():
        yield


@pytest.fixture(scope="module")
def observed(request: pytest.FixtureRequest) -> Iterator[dict[Case, Future[Evidence]]]:
    """The evidence of each case that was asked for, as it comes."""
    asked = [case for item in request.session.items if (case := params_of(item).get("case"))]
    with observers() as pool:
        yield {case: pool.submit(observe, case, number) for number, case in enumerate(asked)}
        pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="module")
def nobodys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language that nobody speaks."""
    folder = tmp_path_factory.mktemp("locale")
    pseudo.make(folder)
    return folder


def params_of(item: pytest.Item) -> dict[str, Any]:
    return getattr(item, "callspec").params if hasattr(item, "callspec") else {}  # noqa: B009 (it has no type)


@pytest.mark.parametrize("case", params(references() + alternatives()))
def test_a_right_solution_passes(case: Case, observed: dict[Case, Future[Evidence]]) -> None:
    results = examine.judge(case.slug, observed[case].result(), case.values)
    assert verdict(results) is True, told(results)
    assert all(result["cause"] is None for result in results)


@pytest.mark.parametrize("case", params(wrong() + neighbours()))
def test_a_wrong_solution_fails_with_its_hint(
    case: Case, observed: dict[Case, Future[Evidence]], nobodys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence = json.loads(json.dumps(observed[case].result()))  # as it is kept
    for language in ("en_US.UTF-8", "zh_CN.UTF-8"):
        monkeypatch.setenv("LANGUAGE", language)
        results = examine.judge(case.slug, evidence, case.values)
        assert is_expected(case, results), told(results)
        failed = next(result for result in results if result["passed"] is False)
        assert failed["log"] or failed["data"]["mistake"] == "swarm"
        for text in (failed["description"], failed["cause"]["rationale"], failed["cause"]["help"]):
            assert is_in(language, text, case.values), text
    monkeypatch.setattr("lab.language.LOCALE", nobodys)
    monkeypatch.setenv("LANGUAGE", pseudo.NAME)
    for result in examine.judge(case.slug, evidence, case.values):
        cause = result["cause"] or {}  # what was expected, and what there was, may be a program's own words
        for text in (result["description"], cause.get("rationale", ""), cause.get("help") or ""):
            assert pseudo.unmarked(text) == [], text


@pytest.mark.parametrize("slug", EXERCISES)
def test_an_exercise_has_solutions(slug: str) -> None:
    assert solutions(slug, "reference.*")
    assert solutions(slug, "alternative_*")
    assert len(solutions(slug, "wrong_*")) >= 2 or slug == "fork-bomb"
    assert slug in LIVE or solutions(slug, "*.c"), "any language: one that is compiled, too"
    assert all(case.fails for case in wrong() if case.slug == slug), "the first line of a wrong one says how it fails"


@pytest.mark.parametrize("slug", [slug for slug in EXERCISES if skeleton(slug, values_of(slug, SEEDS[0]))])
def test_a_skeleton_runs_and_is_not_the_solution(slug: str, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    values = values_of(slug, SEEDS[0])
    (tmp_path / "work" / f"{slug}.py").write_text(skeleton(slug, values) or "")
    evidence = look(slug, Seat("learner", tmp_path), values)
    results = examine.judge(slug, evidence, values)
    assert verdict(results) is False, told(results)
    assert "SyntaxError" not in json.dumps(evidence)


@pytest.mark.parametrize("language", ["en_US.UTF-8", "zh_CN.UTF-8"])
@pytest.mark.parametrize("slug", EXERCISES)
def test_the_texts_are_whole(slug: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    for seed in SEEDS:
        values = values_of(slug, seed)
        beginning = skeleton(slug, values) or ""
        texts = [title(slug), statement(slug, values), *hints(slug, values)]
        assert len(texts) == 5
        for text in [*texts, *re.findall("# (.*)", beginning)]:
            assert is_in(language, text, values)
            assert "{{" not in text
        assert [line for text in [*texts, beginning] for line in text.splitlines() if columns(line) > 80] == []
        assert columns(title(slug)) <= 50
        assert len(texts[1].splitlines()) <= 30


def test_a_conversation_is_in_columns_and_in_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = {
        "guests": [{"name": name, "events": [(0.1, "enter", ""), (0.2, "say", "hi")]} for name in ("tom", "张三")]
    }
    for language, connects in (("en_US.UTF-8", "connects"), ("zh_CN.UTF-8", "连接")):
        monkeypatch.setenv("LANGUAGE", language)
        lines = conversation(evidence).splitlines()
        assert sum(connects in line for line in lines) == 2
        assert len({columns(re.split("[·→]", line)[0]) for line in lines}) == 1


@pytest.mark.parametrize("slug", EXERCISES)
def test_values_are_the_same_every_time_and_others_elsewhere(slug: str) -> None:
    assert values_of(slug, "client1") == values_of(slug, "client1")
    drawn = [json.dumps(values_of(slug, seed)) for seed in SEEDS]
    assert len(set(drawn)) > 1 or len(values_of(slug, "client1")) == 1


def is_in(language: str, text: str, values: Values) -> bool:
    """Tell whether a text is in its language; one that is English may quote a Chinese word or value."""
    for value in values.values():
        text = text.replace(str(value), "")
    chinese, latin = len(CJK.findall(text)), len(re.findall("[A-Za-z]", text))
    return chinese > 0 if language.startswith("zh") else chinese <= latin / 2


def told(results: list[Result]) -> str:
    """Return what a failing test shows."""
    return (
        "\n".join(
            f"{result['name']}: {result['passed']} {json.dumps(result['cause'], ensure_ascii=False)}\n{result['log']}"
            for result in results
        )
        + f"\n{os.getloadavg()}"
    )
