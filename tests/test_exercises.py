"""Every exercise: right solutions pass, each wrong one fails with the hint meant for it, in both languages.

The solutions are those of tests/solutions.py. All are run at the same time, a few at once: most of a run is waiting.
"""

import contextlib
import itertools
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from checks.judging import examine
from checks.judging.crowd import conversation
from checks.judging.result import Result, verdict
from checks.judging.seat import Evidence, Seat
from lab.exercises import EXERCISES, LIVE
from lab.exercises.seed import Values, values_of
from lab.exercises.texts import hints, skeleton, statement, title
from lab.tracing.timeline import columns
from tests.cage import caged
from tests.chat_room import served
from tests.eventually import eventually
from tests.shell import Shell, shell
from tests.solutions import SEEDS, Case, solutions

AT_ONCE = 8
NUMBERS = itertools.count(1)  # a name a seat: they are all in one room
CJK = re.compile(r"[\u4e00-\u9fff]")


def neighbour(slug: str) -> str:
    """Return the seed of a seat whose every value is another than in the first seat."""
    ours = values_of(slug, SEEDS[0])
    for number in range(1000):
        theirs = values_of(slug, f"neighbour{number}")
        if all(theirs[name] != value for name, value in ours.items() if name != "number"):
            return f"neighbour{number}"
    raise AssertionError(f"every seat has the same {slug}")


def differs(slug: str) -> bool:
    """Tell whether an exercise has any values of the seat's own."""
    return len(values_of(slug, "")) > 1


def params(cases: list[Case]) -> list[ParameterSet]:
    """Return cases as parameters; a bomb's cage is made by the engine."""
    return [pytest.param(case, marks=[pytest.mark.engine] * (case.slug == "fork-bomb"), id=str(case)) for case in cases]


REFERENCES = [(slug, path) for slug in EXERCISES for path in solutions(slug, "reference.*")]
RIGHT = [Case(slug, path, seed, seed) for slug, path in REFERENCES for seed in (SEEDS if differs(slug) else SEEDS[:1])]
RIGHT += [Case(slug, path) for slug in EXERCISES for path in solutions(slug, "alternative_*")]
WRONG = [Case(slug, path) for slug in EXERCISES for path in solutions(slug, "wrong_*")]
OTHERS = [Case(slug, path, made_for=neighbour(slug)) for slug, path in REFERENCES if differs(slug)]


@pytest.fixture(scope="module", autouse=True)
def room() -> Iterator[None]:
    """A real chat server, as the lab's, for all seats at once."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "chat.sock") as server:
        os.environ["CHAT_SOCKET"] = str(server.path)
        yield
        del os.environ["CHAT_SOCKET"]


@pytest.fixture(scope="module")
def observed(request: pytest.FixtureRequest) -> Iterator[dict[Case, Future[Evidence]]]:
    """The evidence of each case that was asked for, as it comes."""
    asked = [case for item in request.session.items if (case := params_of(item).get("case"))]
    os.environ["PATH"] = f"{sys.prefix}/bin{os.pathsep}{os.environ['PATH']}"  # this Python is the student's python3
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {case: pool.submit(observe, case) for case in asked}
        pool.shutdown(cancel_futures=True)


def params_of(item: pytest.Item) -> dict[str, Any]:
    return getattr(item, "callspec").params if hasattr(item, "callspec") else {}  # noqa: B009 (it has no type)


def observe(case: Case) -> Evidence:
    """Put the solution into a seat, and look, as `lab check` does."""
    home = Path(tempfile.mkdtemp(prefix="ex"))  # a short path: it may have to hold a socket
    try:
        (home / "work").mkdir()
        seat = Seat(f"tester{next(NUMBERS)}", home)
        return typed(case, seat) if case.slug in LIVE else handed_in(case, seat)
    finally:
        shutil.rmtree(home)


def look(slug: str, seat: Seat, values: Values) -> Evidence:
    """Check, and again whenever the check says that the machine was too busy to tell, as a student would."""
    seen: list[Evidence] = []

    def is_told() -> bool:
        seen.append(examine.observe(slug, seat, values))
        return verdict(examine.judge(slug, seen[-1], values)) is not None

    with contextlib.suppress(AssertionError):  # the test says what it was instead
        eventually(is_told)
    return seen[-1]


def handed_in(case: Case, seat: Seat) -> Evidence:
    """Check a program."""
    path = seat.work / (f"{case.slug}.py" if case.path.suffix == ".py" else case.slug)
    path.write_text(case.solution, encoding="utf-8")
    if case.path.suffix != ".py":
        path.chmod(0o755)
    return look(case.slug, seat, case.values)


def typed(case: Case, seat: Seat) -> Evidence:
    """Type the lines into a shell, the last one without waiting for its end, and look until it is as expected."""
    *lines, last = case.typed
    with shell(seat.home, LAB_HOME=str(seat.home)) as student, cage(case, student):
        for line in lines:
            student.enter(line)
        student.type(last)
        seen: list[Evidence] = []

        def is_as_expected() -> bool:
            seen.append(examine.observe(case.slug, seat, case.values))
            student.read()
            return is_expected(case, examine.judge(case.slug, seen[-1], case.values))

        with contextlib.suppress(AssertionError):  # the test says what it was instead
            eventually(is_as_expected)
        return seen[-1]


def cage(case: Case, student: Shell) -> contextlib.AbstractContextManager[None]:
    """Return what keeps a bomb from harming this machine: a limit of its own, and whoever else wants the CPU first."""
    if case.slug != "fork-bomb":
        return contextlib.nullcontext()
    os.setpriority(os.PRIO_PROCESS, student.process.pid, 10)
    return caged(student.process.pid)


def outcome(results: list[Result]) -> tuple[str, str] | None:
    """Return the first result that failed or could not be told, and the mistake; None if all passed."""
    failed = [result for result in results if result["passed"] is not True]
    return (failed[0]["name"], failed[0]["data"].get("mistake", "")) if failed else None


def is_expected(case: Case, results: list[Result]) -> bool:
    """Tell whether the first that failed is what the case says."""
    found = outcome(results)
    return found == case.fails or (found is not None and ("", found[1]) == case.fails)


@pytest.mark.parametrize("case", params(RIGHT))
def test_a_right_solution_passes(case: Case, observed: dict[Case, Future[Evidence]]) -> None:
    results = examine.judge(case.slug, observed[case].result(), case.values)
    assert verdict(results) is True, told(results)
    assert all(result["cause"] is None for result in results)


@pytest.mark.parametrize("case", params(WRONG + OTHERS))
def test_a_wrong_solution_fails_with_its_hint(
    case: Case, observed: dict[Case, Future[Evidence]], monkeypatch: pytest.MonkeyPatch
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


@pytest.mark.parametrize("slug", EXERCISES)
def test_an_exercise_has_solutions(slug: str) -> None:
    assert solutions(slug, "reference.*")
    assert solutions(slug, "alternative_*")
    assert len(solutions(slug, "wrong_*")) >= 2 or slug == "fork-bomb"
    assert all(case.fails for case in WRONG if case.slug == slug), "the first line of a wrong one says how it fails"


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
