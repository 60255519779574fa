"""The JSON for Perfetto, read back: what it says of a recording, and that a viewer can make sense of it."""

import json
import sys
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import Any

from lab.trace import Exit, Span, Trace, perfetto, record
from tests.test_timeline import PARENT, ZOMBIE, english, process, spans, trace

__all__ = ["english"]
Event = dict[str, Any]
FAMILY = """
import os, time
if os.fork() == 0:
    if os.fork() == 0:
        os.setsid()
        time.sleep(0.6)
        os._exit(0)
    time.sleep(0.2)
    os._exit(3)
os.nice(5)
time.sleep(0.4)
os.wait()
time.sleep(0.1)
"""


def events(of: Trace) -> list[Event]:
    found: list[Event] = json.loads(perfetto.draw(of))["traceEvents"]
    return found


def by_phase(found: list[Event], phase: str) -> list[Event]:
    return [event for event in found if event["ph"] == phase]


def check(found: list[Event]) -> None:
    """See that slices of a thread follow each other, that arrows have two ends within slices, and times are whole."""
    tracks = defaultdict(list)
    for event in by_phase(found, "X"):
        assert event["dur"] > 0
        tracks[event["pid"], event["tid"]].append((event["ts"], event["ts"] + event["dur"]))
    for slices in tracks.values():
        assert all(before[1] <= after[0] for before, after in pairwise(sorted(slices)))
    ends = defaultdict(list)
    for event in found:
        assert isinstance(event["ts"], int)
        if event["ph"] in "sf":
            ends[event["cat"], event["id"]].append(event)
            within = tracks[event["pid"], event["tid"]]
            assert any(start <= event["ts"] < end for start, end in within), f"an arrow that no slice holds: {event}"
    for pair in ends.values():
        assert [event["ph"] for event in pair] == ["s", "f"]
        assert pair[1]["bp"] == "e"
        assert pair[0]["pid"] != pair[1]["pid"]
    named = {event["pid"] for event in by_phase(found, "M") if event["name"] == "process_name"}
    assert named >= {event["pid"] for event in found}


def test_times_are_microseconds_and_a_slice_is_a_state() -> None:
    found = events(trace(PARENT, ZOMBIE))
    check(found)
    states = [(event["pid"], event["name"], event["ts"], event["dur"]) for event in by_phase(found, "X")]
    assert states == [
        (2, "R running", 0, 100_000),
        (2, "S sleeping", 100_000, 900_000),
        (3, "S sleeping", 200_000, 300_000),
        (3, "Z zombie", 500_000, 300_000),
    ]
    (tail, head) = by_phase(found, "s") + by_phase(found, "f")
    assert (tail["name"], tail["pid"], tail["ts"]) == ("fork", 2, 200_000)
    assert (head["name"], head["pid"], head["ts"]) == ("fork", 3, 200_000)
    named = {event["pid"]: event["args"]["name"] for event in by_phase(found, "M") if event["name"] == "process_name"}
    assert named == {2: "2 python3 2.py", 3: "3 python3 3.py"}
    assert ("exit 7", 3, 500_000) in [(event["name"], event["pid"], event["ts"]) for event in by_phase(found, "i")]


def test_what_happens_between_states_is_an_instant() -> None:
    parent = replace(PARENT, reaped=spans((0.0, 10), (0.8, 80), until=1.0))
    child = replace(ZOMBIE, niceness=spans((0.2, 0), (0.3, 9), until=0.8), exit=Exit(None, 9))
    found = events(trace(parent, child, missed=(Span(0.1, 0.11, 4),)))
    check(found)
    told = {(event["cat"], event["name"], event["pid"], event["ts"]) for event in by_phase(found, "i")}
    assert {
        ("reap", "waited for a child", 2, 800_000),
        ("nice", "niceness 0 → 9", 3, 300_000),
        ("exit", "killed by SIGKILL", 3, 500_000),
    } <= told
    assert [event["s"] for event in by_phase(found, "i") if event["cat"] == "missed"] == ["g"]


def test_an_adopter_that_was_not_recorded_has_a_slice_for_the_arrow() -> None:
    orphan = process(3, 2, (0.2, "S"), until=1.0, parents=spans((0.2, 2), (0.6, 1), until=1.0))
    found = events(trace(PARENT, orphan))
    check(found)
    tail = next(event for event in by_phase(found, "s") if event["cat"] == "adoption")
    assert (tail["pid"], tail["ts"]) == (1, 600_000)
    assert next(event["args"]["name"] for event in by_phase(found, "M") if event["pid"] == 1) == "1 tini"


def test_a_pid_that_was_given_twice_is_two_processes() -> None:
    again = process(3, 2, (0.85, "S"), until=0.95)
    found = events(trace(PARENT, ZOMBIE, again))
    check(found)
    assert {event["pid"] for event in by_phase(found, "X")} == {2, 3, 3 + perfetto.AGAIN}
    assert {event["args"]["pid"] for event in by_phase(found, "X")} == {2, 3}


def test_what_was_seen_in_one_sample_alone_has_a_slice() -> None:
    found = events(trace(PARENT, process(3, 2, (0.2, "R"), until=0.2)))
    check(found)
    assert [event["dur"] for event in by_phase(found, "X") if event["pid"] == 3] == [1]


def test_a_real_family() -> None:
    recorded = record([sys.executable, "-c", FAMILY])
    found = events(recorded)
    check(found)
    assert [event["cat"] for event in by_phase(found, "s")].count("fork") == 2
    assert [event["cat"] for event in by_phase(found, "s")].count("adoption") >= 1
    zombie = next(event for event in by_phase(found, "X") if event["args"]["state"] == "Z")
    longest = max(child.longest("Z") for child in recorded.children(recorded.root))
    assert abs(zombie["dur"] - longest * 1_000_000) <= 1
    assert "niceness 0 → 5" in [event["name"] for event in by_phase(found, "i")]


def test_a_command_that_no_sample_saw_is_no_fault() -> None:
    unseen = replace(PARENT, states=(), niceness=(), threads=(), foreground=())
    check(events(trace(unseen)))
