"""What the checks came to: a JSON document a place, in check50's shape, and a short table."""

import json
from pathlib import Path
from typing import Any, cast

import pytest
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from checks.judging.verdict import CouldNotRunError, Wrong

SLUG = "forklab/lab"
PASSED, FAILED, COULD_NOT_RUN = 0, 1, 2  # exit codes
Result = dict[str, Any]


def result_of(item: pytest.Item, call: pytest.CallInfo[None]) -> Result:
    """Return the result of one check; `passed` is null if it could not be run."""
    error = call.excinfo.value if call.excinfo else None
    return {
        "name": getattr(item, "originalname", item.name).removeprefix("test_") + subject_of(item),
        "description": docstring_of(item),
        "passed": True if error is None else False if isinstance(error, Wrong) else None,
        "log": error.rows if isinstance(error, Wrong) else "",
        "cause": cause_of(error),
        "data": {"seconds": round(call.duration, 3)},
        "dependency": None,
    }


def docstring_of(item: pytest.Item) -> str:
    """Return the first line of a check's docstring: the promise that it holds."""
    function: object = getattr(item, "function", None)
    return (function.__doc__ or item.name).splitlines()[0]


def subject_of(item: pytest.Item) -> str:
    """Return what a check is about besides its place: the demo."""
    callspec = getattr(item, "callspec", None)
    return f" {callspec.params['demo']}" if callspec and "demo" in callspec.params else ""


def place_of(item: pytest.Item) -> str:
    """Return the name of the place that a check speaks of."""
    values = getattr(item, "funcargs", {})
    return next((str(values[name]) for name in ("seat", "server") if name in values), "lab")


def cause_of(error: BaseException | None) -> dict[str, str] | None:
    """Say why it did not pass."""
    if error is None:
        return None
    if isinstance(error, Wrong):
        return {
            "rationale": error.rationale,
            "help": error.advice,
            "expected": error.expected,
            "actual": error.actual,
        }
    said = str(error) if isinstance(error, CouldNotRunError) else f"{type(error).__name__}: {error}"
    return {"rationale": said, "help": "", "expected": "", "actual": ""}


class Reporter:
    """Gathers results as they come, from however many workers, and writes them at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self._folder = Path(config.getoption("--reports"))
        self._version = config.getoption("--lab-version")
        self._by_place: dict[str, list[Result]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the result that a worker has attached to its report."""
        for key, value in report.user_properties:
            if key == "forklab":
                place, result = cast(tuple[str, Result], value)
                self._by_place.setdefault(place, []).append(result)

    @property
    def exit_code(self) -> int:
        """Return 2 if anything could not be run, else 1 if anything is wrong, else 0."""
        verdicts = {result["passed"] for results in self._by_place.values() for result in results}
        if None in verdicts or not verdicts:
            return COULD_NOT_RUN
        return FAILED if False in verdicts else PASSED

    def write(self) -> None:
        """Write reports/results.json, a document a place."""
        self._folder.mkdir(parents=True, exist_ok=True)
        documents = [
            {"slug": SLUG, "version": self._version, "seat": place, "results": results}
            for place, results in sorted(self._by_place.items())
        ]
        text = json.dumps(documents, ensure_ascii=False, indent=2)
        (self._folder / "results.json").write_text(text + "\n", encoding="utf-8")

    def show(self, console: Console) -> None:
        """Print a row a place, then what is wrong and what was seen; or why nothing could be checked."""
        if lost := self._of(None):
            for reason in dict.fromkeys(result["cause"]["rationale"] for _, result in lost):
                console.print(f"\n[bold red]could not check[/]: {escape(reason)}", soft_wrap=True)
            return
        table = Table("place", "passed", "failed", "seconds", box=None, header_style="bold")
        for place, results in sorted(self._by_place.items()):
            failed = sum(result["passed"] is False for result in results)
            seconds = sum(result["data"]["seconds"] for result in results)
            colour = "red" if failed else "green"
            table.add_row(place, str(len(results) - failed), f"[{colour}]{failed}[/]", f"{seconds:.1f}")
        console.print()
        console.print(table)
        for place, result in self._of(False):
            console.print(f"\n[bold red]{escape(place)}: {result['name']}[/] {escape(result['description'])}")
            for key, value in result["cause"].items():
                if value:
                    console.print(f"  {key}: {escape(value)}", soft_wrap=True)
            if result["log"]:
                console.print(escape(result["log"]), soft_wrap=True)

    def _of(self, verdict: bool | None) -> list[tuple[str, Result]]:
        return [(place, r) for place, results in self._by_place.items() for r in results if r["passed"] is verdict]
