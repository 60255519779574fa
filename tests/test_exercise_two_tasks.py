"""Exercise 3 beside its solutions: what is judged of a trace that a very busy machine has made."""

from typing import Any

import pytest

from checks.judging import examine
from checks.judging.result import verdict

VALUES = {"number": 3, "short": 0.4, "long": 1.6, "code": 112}


def process(pid: int, parent: int, first_seen: float, *states: tuple[float, str], gone: float) -> dict[str, Any]:
    """Return a process as a trace has it, with its states: since when, which."""
    ends = [begin for begin, _ in states[1:]] + [gone]
    same = {"parents": parent, "groups": 328, "sessions": 327, "niceness": 0, "threads": 1, "foreground": False}
    return {
        "pid": pid,
        "start": 1600489 + pid,
        "uid": 20002,
        "first_seen": first_seen,
        "last_seen": gone,
        "gone": gone,
        "exit": {"code": 112 if pid == 328 else 0, "signal": None},
        "states": [[begin, end, letter] for (begin, letter), end in zip(states, ends, strict=True)],
        **{name: [[first_seen, gone, value]] for name, value in same.items()},
        "commands": [[first_seen, gone, {"comm": "python3", "cmdline": ["python3", "two-tasks.py"]}]],
        "left_out": 0,
    }


def evidence(late: float, gap: float, *processes: dict[str, Any]) -> dict[str, Any]:
    ended = processes[0]["gone"]
    trace = {"version": 1, "command": ["python3", "two-tasks.py"], "began": 1795548066.6, "seconds": ended + 0.02}
    trace |= {"interval": 0.01, "longest_gap": gap, "samples": 151, "pid": 328, "leader": 327, "ended": ended}
    trace |= {"exit": {"code": 112, "signal": None}, "cut": None, "left_running": [], "unrecorded": 0}
    trace |= {"terminal": False, "stdout": {"text": "", "left_out": 0}, "stderr": {"text": "", "left_out": 0}}
    return {"traces": [trace | {"outsiders": {}, "processes": list(processes)}], "late": late}


# A reference solution in a class of 30 with endless loops in every seat: the child was ended 0.7 s after its beginning.
PARENT = ((0.0003, "R"), (0.2697, "S"), (1.8938, "R"))
CHILD = ((0.2297, "R"), (0.2398, "S"), (0.6538, "R"), (0.6999, "Z"))


def judged(rest: float, values: dict[str, Any], late: float) -> tuple[bool | None, str]:
    """Return the verdict and the mistake, where the parent ends so many seconds after the child."""
    gone = 0.6999 + rest
    parent = process(328, 327, 0.0003, *PARENT[:2], (gone - 0.1, "R"), gone=gone)
    child = process(329, 328, 0.2297, *CHILD, gone=gone - 0.1)
    results = examine.judge("two-tasks", evidence(late, 0.0596, parent, child), VALUES | values)
    failed = [result for result in results if result["passed"] is False]
    return verdict(results), failed[0]["name"] if failed else ""


@pytest.mark.parametrize("late", [0.0713, 0.1078])
def test_a_task_that_ended_too_soon_to_have_begun_after_the_other_is_no_second_one(late: float) -> None:
    assert judged(1.3047, {}, late) == (True, "")


def test_one_that_had_the_time_for_it_is_one_or_cannot_be_told() -> None:
    assert judged(1.65, {}, late=0.0713) == (False, "at-once")
    assert judged(1.65, {}, late=0.2) == (None, "")


def test_a_child_that_ended_too_soon_for_the_longer_task_had_the_shorter() -> None:
    assert judged(0.45, {"long": 0.8}, late=0.1078) == (True, "")
