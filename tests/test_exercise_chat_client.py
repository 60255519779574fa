"""Exercise 22's judge: in a room full of classmates, whose answer is whose."""

import json

import pytest

from checks.exercises.chat_client import judge
from checks.judging.result import Result
from checks.judging.seat import Evidence
from lab.student.seed import Values
from lab.trace import record

VALUES: Values = {"question": "lynx", "answer": "lychee 766", "number": 22}
ROOM = ["* welcome 李四-1, 7 online", "passer-1 login", "* online: 李四-1, passer-1", "mary login"]


def evidence(*heard: str) -> Evidence:
    """Return what the check has when its asker has heard this, and the student's program is still there."""
    events = [(0.01 * n, "hear", text) for n, text in enumerate([*ROOM, *heard])]
    guests = [{"name": "李四-1", "events": events}, {"name": "passer-1", "events": []}]
    trace = json.loads(record(["sleep", "0.2"]).to_json())
    found = {"seat": "me", "asker": "李四-1", "passer": "passer-1", "was_online": False}
    return found | {"asked": 0.1, "ended": False, "guests": guests, "traces": [trace]}


def failure(found: Evidence) -> Result:
    """Return the result that failed."""
    return next(result for result in judge(found, VALUES) if result["passed"] is False)


@pytest.mark.parametrize("logged_in", [["me login"], []])
@pytest.mark.parametrize(
    ("heard", "is_mine"),
    [
        (["mary : 李四-1, lychee 766"], True),  # one answer, to the one question
        (["mary : passer-1, lychee 766", "mary : 李四-1, lychee 766"], False),  # whatever is asked
        (["mary : passer-1, lychee 766"], False),
    ],
)
def test_a_classmate_who_answers_everything_is_not_taken_for_this_seats_client(
    logged_in: list[str], heard: list[str], is_mine: bool
) -> None:
    failed = failure(evidence(*logged_in, *heard))
    assert (failed["data"]["mistake"] == "other-name") is is_mine
    assert ("mary" in failed["cause"]["rationale"]) is is_mine


def test_who_has_ended_is_not_told_that_a_classmates_answer_is_its_own() -> None:
    found = evidence("me login", "me logout", "mary : 李四-1, lychee 766")
    assert failure(found)["data"]["mistake"] == "other-name"
    found["guests"][0]["events"][-1] = (2.0, *found["guests"][0]["events"][-1][1:])  # it sleeps for 0.2 s
    assert failure(found)["data"]["mistake"] == "no-answer"


def test_the_clients_of_a_check_are_not_shown_to_who_has_not_come() -> None:
    failed = failure(evidence("李四-1f login", "comer-2e login"))
    assert (failed["data"]["mistake"], failed["cause"]["actual"]) == ("not-online", "mary")


@pytest.mark.parametrize(
    ("said", "mistake"),
    [
        ("-1, lychee 766", "not-ascii"),
        ("??-1, lychee 766", "not-ascii"),
        ("四-1, lychee 766", "part-of-a-name"),
        ("\ufffd四-1, lychee 766", "part-of-a-name"),
        ("mary, lychee 766", "not-addressed"),
        ("lychee 766", "not-addressed"),
        (", lychee 766", "not-addressed"),
    ],
)
def test_what_has_become_of_the_name_that_is_answered_is_told(said: str, mistake: str) -> None:
    failed = failure(evidence("me login", f"me : {said}"))
    assert failed["data"]["mistake"] == mistake
    assert said in failed["cause"]["rationale"]
