"""Results, in check50's shape, and how a check comes to one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from checks.judging.verdict import CouldNotRunError
from lab.language import tr
from lab.trace.timeline import printable

Result = dict[str, Any]
Compared = tuple[object, object]  # what was expected, and what there was
NOTHING = ("", "")


class Mistake(Exception):  # noqa: N818 - it is the student's, not the program's
    """What was seen is not what was asked for.

    `key` names the mistake in both languages, `rationale` is one sentence that says what was seen, `advice` is the hint
    meant for this mistake; `compared` is what was expected, and what there was; `rows` are what was seen, as the
    timeline or ps shows it.
    """

    def __init__(self, key: str, rationale: str, *, advice: str, compared: Compared = NOTHING, rows: str = "") -> None:
        super().__init__(rationale)
        self.key = key
        self.rows = plain(rows)
        self.cause = cause(rationale, advice, *compared)


def cause(rationale: str, advice: str = "", expected: object = "", actual: object = "") -> dict[str, str]:
    """Return why something did not pass."""
    found = {"rationale": rationale, "help": advice, "expected": str(expected), "actual": str(actual)}
    return {name: plain(text) for name, text in found.items()}


def plain(text: str) -> str:
    """Return a text that may quote what a program has written: no character of it drives a terminal."""
    return "\n".join(map(printable, text.split("\n")))


def other_values(rationale: str, number: object, *, compared: Compared, rows: str = "") -> Mistake:
    """Return the mistake of what is right in kind, with the values of another seat."""
    expected, _ = compared
    return Mistake(
        "other-seat",
        rationale,
        advice=tr(
            "it does the right thing with other values: yours are {expected} (lab show {number}); was it made for "
            "another seat?",
            expected=expected,
            number=number,
        ),
        compared=compared,
        rows=rows,
    )


@dataclass(frozen=True)
class Check:
    """One thing that must be so: `test` raises Mistake if it is not, CouldNotRunError if it cannot be told."""

    name: str
    description: str
    test: Callable[[], object]
    after: str | None = None  # the check without which this one makes no sense


def results(*checks: Check) -> list[Result]:
    """Make the checks, in order, and return a result for each; one whose dependency did not pass is not made."""
    found: dict[str, Result] = {}
    for check in checks:
        if check.after and found[check.after]["passed"] is not True:
            found[check.name] = result(check, None, tr("not looked at yet"))
        else:
            found[check.name] = made(check)
    return list(found.values())


def in_turn(*checks: Check) -> list[Result]:
    """Make checks of which none makes sense without the one before it."""
    before = [None, *(check.name for check in checks)]
    return results(*(replace(check, after=name) for check, name in zip(checks, before, strict=False)))


def made(check: Check) -> Result:
    """Make one check."""
    try:
        check.test()
    except Mistake as mistake:
        why = {"cause": mistake.cause, "log": mistake.rows, "data": {"mistake": mistake.key}}
        return result(check, False) | why
    except CouldNotRunError as error:
        return result(check, None, str(error))
    return result(check, True)


def untold(why: str) -> Result:
    """Return what a result is that could not be told."""
    return {"passed": None, "log": "", "cause": cause(why), "data": {}}


def result(check: Check, passed: bool | None, why: str | None = None) -> Result:
    """Return a result; `passed` is None if it could not be told, and `why` says why."""
    return {
        "name": check.name,
        "description": check.description,
        "passed": passed,
        "log": "",
        "cause": cause(why) if why else None,
        "data": {},
        "dependency": check.after,
    }


def verdict(of: list[Result]) -> bool | None:
    """Return what all the results of an exercise come to: passed, not yet, or None: it could not be told."""
    verdicts = [entry["passed"] for entry in of]
    return False if False in verdicts else None if None in verdicts or not of else True
