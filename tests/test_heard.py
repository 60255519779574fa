"""The lines that count of what a program prints: all of them, when they came, and who may have printed them."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from checks.judging import heard
from checks.judging.examine import FLOOD, HELD, doubted
from checks.judging.heard import Line, Listener, may_have_printed
from checks.judging.result import Check, Mistake, made
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen
from tests.bench.trace_busy import busy_cores

COUNTS = re.compile(r"pid=\d+")


@pytest.fixture(autouse=True)
def python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{sys.prefix}/bin{os.pathsep}{os.environ['PATH']}")


def run(tmp_path: Path, program: str) -> Evidence:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "pids.py").write_text(f"import os, sys, time\n{program}")
    return heard.run(Seat("tester", tmp_path), "pids", COUNTS)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_a_line_is_heard_however_it_ends_and_in_parts(end: str) -> None:
    listener = Listener(COUNTS)
    for piece in (b"other\npi", b"d=1 ", f"\x1b[1ma\x1b[0m=2{end}".encode()):
        listener.add(piece)
    assert [text for _, text in listener.evidence(0.0)["heard"]] == ["pid=1 a=2"]


def test_a_line_without_an_end_is_not_kept_whole() -> None:
    listener = Listener(COUNTS)
    for _ in range(100):
        listener.add(b"x" * 4096)
    assert len(listener.rest) <= heard.LONGEST


def test_no_line_is_left_out_of_much_output(tmp_path: Path) -> None:
    noise = "print(('x' * 99 + '\\n') * 4000)\n"
    evidence = run(tmp_path, f"{noise}print('pid=1', flush=True)\n{noise}print('pid=2')\n{noise}")
    assert evidence["traces"][0]["stdout"]["left_out"] > 0
    assert [line.text for line in heard.lines(evidence)] == ["pid=1", "pid=2"]


def test_a_line_is_dated_when_it_is_printed_and_errors_are_apart(tmp_path: Path) -> None:
    evidence = run(
        tmp_path, "print('pid=1')\nprint('pid=2', file=sys.stderr)\ntime.sleep(0.5)\nprint('pid=3', end='')\n"
    )
    first, last = heard.lines(evidence)
    assert (first.text, last.text) == ("pid=1", "pid=3")
    assert last.moment - first.moment > 0.4
    assert evidence["traces"][0]["stderr"]["text"] == "pid=2\n"


def test_who_may_have_printed_is_known_while_it_lives(tmp_path: Path) -> None:
    evidence = run(
        tmp_path,
        "if os.fork() == 0:\n    os.write(1, b'pid=1\\n'); time.sleep(0.4); os._exit(0)\nos.wait()\nos._exit(0)",
    )
    seen, (line,) = Seen.of(evidence), heard.lines(evidence)
    (child,) = seen.others
    assert may_have_printed(seen, child, line)
    assert not may_have_printed(seen, seen.root, line)
    assert not may_have_printed(seen, seen.root, Line(seen.trace.seconds, line.text))


def fail() -> None:
    raise Mistake("late", "it slept", advice="fork first", compared=("at once", "late"))


def test_who_waits_for_us_to_read_is_refused_nothing() -> None:
    [told] = doubted([made(Check("a", "a check", fail))], {"held": HELD + 0.1})
    assert (told["passed"], told["data"]) == (None, {})
    assert doubted([made(Check("a", "a check", fail))], {"held": HELD})[0]["passed"] is False


@contextmanager
def one_processor(beside: int) -> Iterator[None]:
    """We, and what we start, have one processor only, beside as many endless loops."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        with busy_cores(beside):
            yield
    finally:
        os.sched_setaffinity(0, before)


def hangs() -> None:
    raise Mistake("hangs", "it was still running", advice="let it end")


def test_who_prints_without_end_hangs_however_late_it_is_read() -> None:
    found = [made(Check("a", "a check", hangs))]
    for printed, passed in ((FLOOD, None), (FLOOD + 1, False)):
        assert doubted(found, {"held": HELD + 0.1, "printed": printed})[0]["passed"] is passed


def test_it_was_read_no_later_than_the_reader_waited_for_the_cpu(tmp_path: Path) -> None:
    """Who prints ten megabytes has not waited for us longer than it has run."""
    with one_processor(beside=3):
        evidence = run(tmp_path, "for _ in range(160): os.write(1, bytes(65536))\nos._exit(0)")
    assert evidence["printed"] == 160 * 65536
    assert evidence["held"] <= evidence["traces"][0]["seconds"]
