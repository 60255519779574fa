"""The exercises beside their solutions: what is judged of a trace that a very busy machine has made."""

import itertools
import json
import threading
from typing import Any

import pytest

from checks.demos import promises
from checks.exercises.multiplex.answered import pings_are_soon
from checks.judging import examine, seat, ticks
from checks.judging.result import Mistake, Result, verdict
from checks.judging.seen import Seen
from checks.judging.serving import Served
from checks.judging.verdict import CouldNotRunError, Wrong
from checks.lab.place import Place
from lab.trace import Trace
from tests.eventually import eventually

VALUES = {"number": 3, "short": 0.4, "long": 1.6, "code": 112}


Changes = tuple[tuple[float, Any], ...]  # a value each, and since when it held


def held(changes: Changes, gone: float) -> list[list[Any]]:
    ends = [begin for begin, _ in changes[1:]] + [gone]
    return [[begin, end, value] for (begin, value), end in zip(changes, ends, strict=True)]


def process(
    pid: int, parent: int, first_seen: float, *states: tuple[float, str], gone: float, cpu: float = 0.0, **more: Changes
) -> dict[str, Any]:
    """Return a process as a trace has it, with its states, and with what did not stay as it was."""
    same = {"parents": parent, "groups": 328, "sessions": 327, "niceness": 0, "threads": 1, "foreground": False}
    return {
        "pid": pid,
        "start": 1600489 + pid,
        "uid": 20002,
        "first_seen": first_seen,
        "last_seen": gone,
        "gone": gone,
        "exit": {"code": 112 if pid == 328 else 0, "signal": None},
        "states": held(states, gone),
        **{name: [[first_seen, gone, value]] for name, value in same.items()},
        **{name: held(changes, gone) for name, changes in more.items()},
        "commands": [[first_seen, gone, {"comm": "python3", "cmdline": ["python3", "program.py"]}]],
        "left_out": 0,
        "cpu": cpu,
    }


def evidence(late: float, gap: float, *processes: dict[str, Any]) -> dict[str, Any]:
    ended = processes[0]["gone"]
    trace = {"version": 1, "command": ["python3", "program.py"], "began": 1795548066.6, "seconds": ended + 0.02}
    trace |= {"interval": 0.01, "longest_gap": gap, "samples": 151, "pid": 328, "leader": 327, "ended": ended}
    trace |= {"exit": processes[0]["exit"], "cut": None, "left_running": [], "unrecorded": 0}
    trace |= {"terminal": False, "stdout": {"text": "", "left_out": 0}, "stderr": {"text": "", "left_out": 0}}
    return {"traces": [trace | {"outsiders": {}, "processes": list(processes)}], "late": late}


def outcome(results: list[Result]) -> tuple[bool | None, str]:
    """Return the verdict, and the name of what failed."""
    failed = [result for result in results if result["passed"] is False]
    return verdict(results), failed[0]["name"] if failed else ""


# A reference solution in a class of 30 with endless loops in every seat: the child was ended 0.7 s after its beginning.
PARENT = ((0.0003, "R"), (0.2697, "S"), (1.8938, "R"))
CHILD = ((0.2297, "R"), (0.2398, "S"), (0.6538, "R"), (0.6999, "Z"))


def judged(rest: float, values: dict[str, Any], late: float, *, is_reaped: bool = False) -> tuple[bool | None, str]:
    """Return the verdict and the mistake, where the parent ends so many seconds after the child, which it may reap."""
    gone = 0.6999 + rest
    parent = process(328, 327, 0.0003, *PARENT[:2], (gone - 0.1, "R"), gone=gone)
    child = process(329, 328, 0.2297, *CHILD, gone=0.75 if is_reaped else gone - 0.1)
    results = examine.judge("two-tasks", evidence(late, 0.0596, parent, child), VALUES | values)
    return outcome(results)


@pytest.mark.parametrize("late", [0.0713, 0.1078])
def test_a_task_that_ended_too_soon_to_have_begun_after_the_other_is_no_second_one(late: float) -> None:
    assert judged(1.3047, {}, late) == (True, "")


def test_one_that_had_the_time_for_it_is_one_or_cannot_be_told() -> None:
    assert judged(1.65, {}, late=0.0713, is_reaped=True) == (False, "at-once")
    assert judged(1.65, {}, late=0.2, is_reaped=True) == (None, "")
    assert judged(1.65, {}, late=0.0713) == (None, ""), "it was a zombie: nobody had waited for its end"


def test_a_child_that_ended_too_soon_for_the_longer_task_had_the_shorter() -> None:
    assert judged(0.45, {"long": 0.8}, late=0.1078) == (True, "")


UNINTERRUPTIBLE = {"number": 14, "seconds": 1.2, "code": 112}


@pytest.mark.parametrize(("asleep", "told"), [("S", (True, "")), ("R", (None, ""))])
def test_who_waits_in_d_for_a_child_that_sleeps_does_not_wait_for_the_cpu(
    asleep: str, told: tuple[bool | None, str]
) -> None:
    """A process that has vforked is D until its child runs another program: also if that is only served late."""
    parent = process(328, 327, 0.2, (0.2, "R"), (3.1, "S"), (4.4, "R"), gone=4.6)
    child = process(329, 328, 3.0, (3.0, "R"), (3.1, "D"), (4.3, "R"), (4.4, "Z"), gone=4.5)
    grandchild = process(330, 329, 3.1, (3.1, asleep), (4.3, "Z"), gone=4.4)
    results = examine.judge("uninterruptible", evidence(0.55, 0.34, parent, child, grandchild), UNINTERRUPTIBLE)
    assert outcome(results) == told


@pytest.mark.parametrize(("asleep", "told"), [("R", (None, "")), ("S", (False, "values"))])
def test_who_waits_for_the_cpu_one_after_the_other_waits_for_as_long_as_all_of_them(
    asleep: str, told: tuple[bool | None, str]
) -> None:
    """A shell's programs: the child is in D from the first of them on, and comes out of it after the last."""
    parent = process(328, 327, 0.0, (0.0, "S"), gone=2.1)
    child = process(329, 328, 0.0, (0.0, "R"), (0.15, "D"), (1.95, "R"), (2.0, "Z"), gone=2.1)
    waiting = process(330, 329, 0.15, (0.15, "S"), (1.9, "Z"), gone=1.95)
    served = [process(331 + n, 328, 0.1 + n / 4, (0.1 + n / 4, asleep), gone=0.35 + n / 4) for n in range(2)]
    results = examine.judge("uninterruptible", evidence(0.05, 0.04, parent, child, waiting, *served), UNINTERRUPTIBLE)
    assert outcome(results) == told


@pytest.mark.parametrize(("late", "told"), [(0.05, (False, "values")), (0.2, (None, ""))])
def test_a_time_that_may_be_another_seats_is_not_taken_for_the_one_asked_for(
    late: float, told: tuple[bool | None, str]
) -> None:
    parent = process(328, 327, 0.0, (0.0, "S"), gone=1.6)
    parent["exit"] = {"code": 0, "signal": None}
    child = process(329, 328, 0.0, (0.0, "R"), (0.02, "Z"), gone=1.12)
    child["exit"] = {"code": 7, "signal": None}
    values = {"number": 8, "seconds": 0.8, "code": 7}
    assert outcome(examine.judge("zombie", evidence(late, 0.02, parent, child), values)) == told


@pytest.mark.parametrize(("slept", "told"), [(0.1, (None, "")), (0.3, (True, ""))])
def test_a_parent_that_is_served_late_at_its_end_has_not_lived_on_for_that(
    slept: float, told: tuple[bool | None, str]
) -> None:
    parent = process(328, 327, 0.0, (0.0, "S"), (0.82 + slept, "R"), gone=1.0 + slept, cpu=0.1, used=((0.0, 0.1),))
    parent["exit"] = {"code": 0, "signal": None}
    child = process(329, 328, 0.0, (0.0, "R"), (0.02, "Z"), gone=0.82)
    child["exit"] = {"code": 7, "signal": None}
    values = {"number": 8, "seconds": 0.8, "code": 7}
    assert outcome(examine.judge("zombie", evidence(0.02, 0.02, parent, child), values)) == told


@pytest.mark.parametrize(("cpu", "told"), [(0.1, (None, "")), (0.8, (False, "processes"))])
def test_a_child_that_was_not_let_to_begin_its_task_did_not_do_the_others_too(
    cpu: float, told: tuple[bool | None, str]
) -> None:
    """multiprocessing's spawn starts a Python for it: 0.8 s on a busy machine."""
    parent = process(328, 327, 0.0, (0.0, "S"), gone=1.4)
    child = process(329, 328, 0.1, (0.1, "R"), (0.9, "S"), gone=1.3, cpu=cpu)
    assert outcome(examine.judge("two-tasks", evidence(0.02, 0.02, parent, child), VALUES | {"long": 0.8})) == told


@pytest.mark.parametrize(("gap", "told"), [(0.05, (False, "loops")), (1.25, (None, ""))])
def test_who_was_hardly_looked_at_is_not_in_any_state_all_the_time(gap: float, told: tuple[bool | None, str]) -> None:
    loop = process(328, 327, 0.0, (0.0, "S"), gone=1.25)
    results = examine.judge("nice", evidence(0.02, gap, loop), {"number": 15, "name": "program", "niceness": 0})
    assert outcome(results) == told


RENICE = {"number": 16, "first": 5, "second": 11}


@pytest.mark.parametrize(
    ("niceness", "told"),
    [
        (((0.1, 0), (0.45, 5)), (False, "changed")),  # 0.35 s until it was served for the first time
        (((0.1, 0), (0.75, 5)), (False, "changed")),
        (((0.1, 0), (0.45, 5), (0.7, 11)), (None, "")),
        (((0.1, 0), (0.11, 5), (1.25, 11)), (False, "changed")),
    ],
)
def test_the_niceness_that_a_child_was_born_with_is_none_of_its_choice(
    niceness: tuple[tuple[float, int], ...], told: tuple[bool | None, str]
) -> None:
    parent = process(328, 327, 0.0, (0.0, "S"), gone=1.4)
    parent["exit"] = {"code": 0, "signal": None}
    child = process(329, 328, 0.1, (0.1, "R"), gone=1.3, cpu=0.2, niceness=niceness)
    results = examine.judge("renice", evidence(0.05, 0.02, parent, child), RENICE)
    assert outcome(results) == told
    mistakes = [result["data"]["mistake"] for result in results if result["passed"] is False]
    assert mistakes in ([], ["unchanged"])


DOUBLE_FORK = {"number": 12, "long": 1.4, "short": 0.8, "code": 112}


@pytest.mark.parametrize(("cpu", "told"), [(0.2, (True, "")), (1.5, (False, "free"))])
def test_a_parent_that_waited_for_the_cpu_was_not_blocked(cpu: float, told: tuple[bool | None, str]) -> None:
    """It was to end before the grandchild, and was ready to; one that has had the CPU meanwhile could have."""
    parent = process(328, 327, 0.0, (0.0, "R"), (1.7, "S"), (2.5, "R"), gone=4.0, cpu=cpu)
    middle = process(329, 328, 1.5, (1.5, "R"), (1.55, "Z"), gone=1.7)
    worker = process(330, 329, 1.6, (1.6, "S"), (3.0, "Z"), gone=3.1, parents=((1.6, 329), (1.62, 1)))
    results = examine.judge("double-fork", evidence(0.3, 0.05, parent, middle, worker), DOUBLE_FORK)
    assert outcome(results) == told


def test_a_zombie_is_the_middle_process_and_not_who_was_waited_for_beside_it() -> None:
    parent = process(328, 327, 0.0, (0.0, "R"), (0.02, "S"), gone=0.82, cpu=0.01, reaped=((0.0, 0), (0.03, 50)))
    middle = process(329, 328, 0.02, (0.02, "Z"), gone=0.83)
    helper = process(330, 328, 0.02, (0.02, "R"), gone=0.03)
    worker = process(331, 1, 0.02, (0.02, "S"), gone=1.43)
    results = examine.judge("double-fork", evidence(0.01, 0.02, parent, middle, helper, worker), DOUBLE_FORK)
    assert outcome(results) == (False, "middle")


@pytest.mark.parametrize(("cpu", "told"), [(0.02, (None, "")), (0.5, (False, "counts"))])
def test_threads_and_processes_that_waited_for_the_cpu_were_not_too_few(
    cpu: float, told: tuple[bool | None, str]
) -> None:
    """Those that began first have ended before the last was served."""
    threads = ((0.0, 1), (1.2, 2), (1.5, 3))
    root = process(328, 327, 0.0, (0.0, "R"), (1.3, "S"), (2.2, "R"), gone=2.5, cpu=0.2 + cpu, threads=threads)
    root["exit"] = {"code": 0, "signal": None}
    early = process(329, 328, 0.9, (0.9, "S"), (1.6, "Z"), gone=2.5)
    late = [process(pid, 328, 1.0, (1.0, "R"), (1.5, "S"), (2.3, "Z"), gone=2.5, cpu=cpu) for pid in (330, 331)]
    values = {"number": 19, "k": 3, "code": 112}
    assert outcome(examine.judge("threads", evidence(0.1, 0.05, root, early, *late), values)) == told


@pytest.mark.parametrize(("state", "told"), [("R", False), ("S", None)])
def test_who_is_just_born_has_had_no_page_fault_and_is_no_child_of_vfork(state: str, told: bool | None) -> None:
    parent = process(328, 327, 0.0, (0.0, "R"), (0.1, "S"), gone=1.0, reaped=((0.0, 0),))
    child = process(329, 328, 0.08, (0.08, state), gone=0.09) | {"faults": 0}
    seen = Seen.of(evidence(0.01, 0.02, parent, child))
    assert seen.is_reaped(seen.others[0]) is told


@pytest.mark.parametrize(("last", "told"), [(1.0, False), (1.01, True)])
def test_who_was_seen_in_the_sample_in_which_another_was_gone_may_have_ended_before_it(last: float, told: bool) -> None:
    parent = process(328, 327, 0.0, (0.0, "S"), gone=1.02) | {"last_seen": last}
    child = process(329, 328, 0.1, (0.1, "Z"), gone=1.0)
    seen = Seen.of(evidence(0.01, 0.02, parent, child))
    assert seen.outlived(seen.root, seen.others[0]) is told


@pytest.mark.parametrize(("more", "told"), [(3, (True, "")), (4, (True, "")), (5, (False, "goes-on"))])
def test_two_ticks_that_were_noted_as_one_are_two_if_the_trace_has_them_both(
    more: int, told: tuple[bool | None, str]
) -> None:
    wrote = [round(0.1 * number, 1) for number in range(1, 11 + more)]
    end = 1.1 + 0.1 * more
    parent = process(
        328,
        327,
        0.0,
        (0.0, "R"),
        (0.05, "S"),
        gone=end,
        written=tuple((moment, 5) for moment in (0.05, *wrote)),
        reaped=((0.0, 0), (1.07, 64)),
    )
    child = process(329, 328, 0.05, (0.05, "S"), (1.05, "Z"), gone=1.07)
    noted = [[0.0, 0, 0], *([moment, n, n] for n, moment in enumerate(wrote, 1) if moment != 1.2)]  # by the check
    child["exit"] = {"code": 112, "signal": None}
    found = evidence(0.05, 0.02, parent, child) | {"ticks": noted}
    assert outcome(examine.judge("waitpid", found, {"number": 10, "seconds": 1.0, "code": 112})) == told


@pytest.mark.parametrize(("wrote", "told"), [((0.47, 0.93, 1.4), "other-pace"), ((), "blocked")])
def test_who_was_noted_before_it_slept_again_has_ticked_too_rarely_if_it_wrote(
    wrote: tuple[float, ...], told: str
) -> None:
    values = {"number": 10, "seconds": 1.0, "code": 112}
    written = tuple((moment, 5) for moment in (0.01, *wrote))
    parent = process(328, 327, 0.0, (0.0, "R"), (0.05, "S"), gone=1.7, written=written, reaped=((0.0, 0), (1.4, 64)))
    child = process(329, 328, 0.05, (0.05, "S"), (1.05, "Z"), gone=1.4)
    noted = [[0.0, 0, 0], [0.47, 1, 2], [0.93, 2, 2], [1.4, 3, 4]]
    found = evidence(0.01, 0.02, parent, child) | {"ticks": noted}
    failed = [result for result in examine.judge("waitpid", found, values) if result["passed"] is False]
    assert failed[0]["data"]["mistake"] == told


@pytest.mark.parametrize(("every", "burst", "told"), [(0.1, 14, False), (0.05, 0, True)])
def test_much_that_was_printed_once_is_no_faster_pace(every: float, burst: int, told: bool) -> None:
    moments = sorted([0.01 + every * n for n in range(int(1.7 / every))] + [0.82 + 0.005 * n for n in range(burst)])
    assert ticks.are_often(moments, 0.0, 1.7) is told


@pytest.mark.parametrize(("every", "told"), [(0.04, "other-pace"), (0.1, None)])
def test_lines_that_the_check_noted_late_came_as_often_as_the_trace_says(every: float, told: str | None) -> None:
    wrote = tuple((round(0.06 + every * n, 2), 5) for n in range(int(1.3 / every)))
    parent = process(
        328, 327, 0.0, (0.0, "R"), (0.05, "S"), gone=1.37, written=((0.01, 0), *wrote), reaped=((0.0, 0), (1.06, 64))
    )
    child = process(329, 328, 0.05, (0.05, "S"), (1.05, "Z"), gone=1.06)
    child["exit"] = {"code": 112, "signal": None}
    noted = [[0.0, 0, 0], *([round(0.1 * n + 0.07, 2), int(0.1 * n / every) + 1, n + 1] for n in range(13))]
    found = evidence(0.02, 0.02, parent, child) | {"ticks": noted}
    results = examine.judge("waitpid", found, {"number": 10, "seconds": 1.0, "code": 112})
    assert [result["data"].get("mistake") for result in results if result["name"] == "works"] == [told]


@pytest.mark.parametrize(("states", "told"), [((0.0, 1.2), "late"), ((2.0, 4.0), "busy")])
def test_who_waited_for_the_cpu_before_the_pings_came_is_not_late_by_that(
    states: tuple[float, float], told: str
) -> None:
    began, ended = states
    server = process(328, 327, 0.0, (0.0, "R"), (0.01, "S"), (began + 0.02, "R"), (ended, "S"), gone=6.0, cpu=0.1)
    quiet = [{"who": "all", "from": 1.9, "to": 2.5, "woke": 0}]
    found = evidence(0.01, 0.02, server) | {"pings": [0.4] * 5, "quiet": quiet, "guests": []}
    with pytest.raises(Mistake if told == "late" else CouldNotRunError) as raised:
        pings_are_soon(Served(found, "multiplex.sock"))
    assert told in (getattr(raised.value, "key", ""), *str(raised.value).split())


@pytest.mark.parametrize(("born", "told"), [(1.0, (False, "children")), (0.1, (None, ""))])
def test_who_waited_for_the_cpu_before_the_first_child_was_born_has_paused_after_it_all_the_same(
    born: float, told: tuple[bool | None, str]
) -> None:
    parent = process(328, 327, 0.0, (0.0, "R"), (1.0, "S"), gone=3.0, cpu=0.1)
    parent["exit"] = {"code": 0, "signal": None}
    ends = (born + 1.5, born + 1.8)
    one = process(329, 328, born, (born, "S"), (ends[0], "Z"), gone=ends[0] + 0.02)
    two = process(330, 328, born + 1.4, (born + 1.4, "S"), (ends[1], "Z"), gone=ends[1] + 0.02)
    values: dict[str, Any] = {"number": 9, "count": 2, "seconds": "1.5, 0.4"}
    assert outcome(examine.judge("wait", evidence(0.01, 0.02, parent, one, two), values)) == told


def test_for_how_long_we_who_look_waited_for_a_cpu_counts_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """The longest time between two looks, and not all of them; who began meanwhile has waited for nobody knows what."""
    waited = itertools.chain([0.0, 3.0, 8.0, 8.0, 10.0], itertools.repeat(10.0))
    looks = ({1: seconds} | ({2: 90.0} if seconds > 9 else {}) for seconds in waited)
    monkeypatch.setattr(seat, "our_delays", lambda: next(looks))
    lateness = seat.Lateness()
    lateness.begin()
    eventually(lambda: lateness.times > 5)
    lateness.end()
    assert lateness.longest == 5.0
    assert lateness.usual < 1.0, "how late it is as a rule is another thing"


def test_where_the_kernel_does_not_say_for_how_long_we_waited_the_clock_does(monkeypatch: pytest.MonkeyPatch) -> None:
    assert threading.get_native_id() in seat.our_delays()
    monkeypatch.setattr("lab.proc.delayed", lambda _: None)
    assert seat.our_delays() == {}
    lateness = seat.Lateness()
    lateness.begin()
    eventually(lambda: lateness.times > 5)
    lateness.end()
    assert 0.0 < lateness.longest < 1.0


class Recorded(Place):
    """A place in which a demo was seen already."""

    def __init__(self, seen: dict[str, Any]) -> None:
        self.seen = seen

    def __repr__(self) -> str:
        return "here"

    def trace(self, *_: str, seconds: float | None = None) -> Trace:
        return Trace.from_json(json.dumps(self.seen | {"cut": "time" if seconds else None}))


@pytest.mark.parametrize(("cpu", "verdict"), [(0.4, CouldNotRunError), (6.0, Wrong)])
def test_a_demo_that_was_kept_from_the_cpu_has_not_failed(cpu: float, verdict: type[Exception]) -> None:
    """One of niceness 9 beside much else: it ran for 10 s, had got nearly nothing, and was not ready."""
    demo = process(328, 327, 0.1, (0.1, "R"), gone=10.0, cpu=cpu)
    demo["commands"] = [[0.1, 10.0, {"comm": "python3", "cmdline": ["python3", "-P", "-m", "lab.demos.nice"]}]]
    place = Recorded(evidence(0.0, 0.85, demo)["traces"][0])
    with pytest.raises(verdict, match=r"too busy|never came to be ready"), promises.watched(place, "nice"):
        pass
    with pytest.raises(verdict, match=r"too busy|had not ended after 10 s"):
        promises.ran(place, "nice")


def test_a_time_that_may_be_another_seats_is_not_passed_where_times_are_known_to_little() -> None:
    """A parent that slept 0.3 s less than it was to passed beside much other work (double-fork, waitpid, timeout)."""
    trace = Trace.from_json(json.dumps(evidence(0.0, 0.02, process(328, 327, 0.0, (0.0, "S"), gone=2.0))["traces"][0]))
    busy, quiet = Seen(trace, 0.2), Seen(trace, 0.0)
    with pytest.raises(CouldNotRunError):
        busy.is_near(0.3)
    assert busy.is_near(0.1)
    assert quiet.is_near(0.1)
    assert not quiet.is_near(0.3)
    assert not busy.is_near(1.0)
