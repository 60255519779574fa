"""Exercise 22's judge: in a room full of classmates, whose answer is whose."""

import json

import pytest

from checks.exercises.chat_client import judge
from checks.judging.seat import Evidence
from lab.student.seed import Values
from lab.trace import record

VALUES: Values = {"question": "lynx", "answer": "lychee 766", "number": 22}
ROOM = ["* welcome sentry-1, 7 online", "passer-1 login", "* online: sentry-1, passer-1", "mary login"]


def evidence(*heard: str) -> Evidence:
    """Return what the check has when its asker has heard this, and the student's program is still there."""
    events = [(0.01 * n, "hear", text) for n, text in enumerate([*ROOM, *heard])]
    guests = [{"name": "sentry-1", "events": events}, {"name": "passer-1", "events": []}]
    trace = json.loads(record(["sleep", "0.2"]).to_json())
    found = {"seat": "me", "asker": "sentry-1", "passer": "passer-1", "was_online": False}
    return found | {"asked": 0.1, "ended": False, "guests": guests, "traces": [trace]}


@pytest.mark.parametrize("logged_in", [["me login"], []])
@pytest.mark.parametrize(
    ("heard", "is_mine"),
    [
        (["mary : sentry-1, lychee 766"], True),  # one answer, to the one question
        (["mary : passer-1, lychee 766", "mary : sentry-1, lychee 766"], False),  # whatever is asked
        (["mary : passer-1, lychee 766"], False),
    ],
)
def test_a_classmate_who_answers_everything_is_not_taken_for_this_seats_client(
    logged_in: list[str], heard: list[str], is_mine: bool
) -> None:
    results = judge(evidence(*logged_in, *heard), VALUES)
    failed = next(result for result in results if result["passed"] is False)
    assert (failed["data"]["mistake"] == "other-name") is is_mine
    assert ("mary" in failed["cause"]["rationale"]) is is_mine


def test_the_clients_of_a_check_are_not_shown_to_who_has_not_come() -> None:
    results = judge(evidence("sentry-1f login", "comer-2e login"), VALUES)
    failed = next(result for result in results if result["passed"] is False)
    assert (failed["data"]["mistake"], failed["cause"]["actual"]) == ("not-online", "mary")
