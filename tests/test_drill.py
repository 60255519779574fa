"""What `make drill` shows, and what of it belongs to a bomb's evidence: from samples alone.

A real bomb in a real seat is in tests/test_gathering.py, a real door in tests/test_door.py.
"""

import io
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import pytest
from rich.console import Console

from lab.host.classroom import drill, latency
from lab.host.classroom.latency import Sample
from lab.trace.timeline import columns


def a_second_each(begin: float, seat: str, *said: str | float) -> list[Sample]:
    """Return a sample a second: a latency, or the word for why there is none."""
    return [
        Sample(begin + number, seat, word if isinstance(word, str) else "ok", 0.001 if isinstance(word, str) else word)
        for number, word in enumerate(said)
    ]


QUIET, BESIDE = [0.004] * 10, [0.01, 0.02, 0.09]
CLASS = [
    *a_second_each(100.0, "bomb", *QUIET, "full", "full", "full", *QUIET),
    *a_second_each(100.3, "friend", *QUIET, *BESIDE, *QUIET),
    *a_second_each(100.4, "other", *QUIET, 0.01, 0.01, 0.01, *QUIET),
]


def test_the_neighbours_while_a_seat_was_full() -> None:
    assert latency.neighbours(CLASS, "bomb", since=0) == {
        "full": 3.0,
        "meanwhile": {"median": 0.01, "worst": 0.09},
        "seats": {"friend": {"median": 0.02, "worst": 0.09}, "other": {"median": 0.01, "worst": 0.01}},
        "quiet": {"median": 0.004, "worst": 0.004},
    }


def test_without_a_bomb_or_a_neighbour_there_is_none() -> None:
    assert latency.neighbours(CLASS, "friend", since=0) is None
    assert latency.neighbours(CLASS, "nobody", since=0) is None
    assert latency.neighbours(CLASS, "bomb", since=114) is None, "the seat was started anew since then"
    assert latency.neighbours([sample for sample in CLASS if sample.seat == "bomb"], "bomb", since=0) is None
    assert latency.neighbours([], "bomb", since=0) is None


def test_what_is_no_latency_does_not_count() -> None:
    """Neither a neighbour's own bomb, nor a door that is not there; a late answer does, for as long as it took."""
    both = [
        *a_second_each(0, "a", "full", "full"),
        *a_second_each(0.2, "b", "full", "closed"),
        Sample(1, "c", "late", 1),
    ]
    found = latency.neighbours(both, "a", since=-10)
    assert found
    assert found["seats"] == {"c": {"median": 1, "worst": 1}}
    assert found["quiet"] is None


@pytest.mark.parametrize(("gap", "spans"), [(2, 1), (6, 2)])
def test_a_bomb_that_lets_a_process_go_now_and_then_is_one(gap: int, spans: int) -> None:
    assert len(latency.full(a_second_each(0, "a", "full", *[0.1] * gap, "full"))) == spans


def test_a_file_with_a_line_that_was_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "drill.jsonl"
    assert latency.read(path) == []
    line = '{"at": 1.5, "seat": "a", "state": "ok", "seconds": 0.25}\n'
    path.write_text(f'{line}{{"at": 1.5, "se\n[]\n{{}}\n{line}')
    assert latency.read(path) == [Sample(1.5, "a", "ok", 0.25)] * 2
    assert latency.read(path, since=2) == []


@pytest.mark.parametrize(
    ("seconds", "share", "value"), [([3, 1, 2], 50, 2), ([2, 1], 50, 1), ([1], 95, 1), (range(1, 101), 95, 95)]
)
def test_percentiles(seconds: list[float], share: int, value: float) -> None:
    assert latency.percentile(seconds, share) == value


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_table_has_80_columns_and_whoever_is_full_is_first_and_red(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    names = {"a-seat-with-a-long-name": "欧阳娜娜欧阳娜娜欧阳", "bomb": "李[b]四", "late": "", "gone": "", "new": ""}
    samples = [
        *a_second_each(0, "a-seat-with-a-long-name", 0.004, 0.999, 0.02),
        *a_second_each(0, "bomb", 0.01, "full"),
        *a_second_each(0, "gone", "closed"),
        Sample(9, "late", "late", 123.4),
    ]
    for colour in (False, True):
        system: Literal["standard"] | None = "standard" if colour else None
        console = Console(file=io.StringIO(), width=80, highlight=False, force_terminal=colour, color_system=system)
        console.print(drill.table(names, recent(names, samples)))
        shown = console.file.getvalue()  # type: ignore[attr-defined]
        if not colour:
            lines = shown.splitlines()
            assert max(map(columns, lines)) <= 80
            assert [line.split()[0] for line in lines[2:]] == ["bomb", "a-seat-with-a…", "late", "gone", "new"]
            assert "李[b]四" in lines[2]
            assert "20 ms   20 ms  999 ms  999 ms" in lines[3]
            assert "123.4 s" in lines[4]
        else:
            assert f"\x1b[1;31m{'FULL' if language == 'en' else '已满'}\x1b[0m" in shown


def recent(names: Iterable[str], samples: Iterable[Sample]) -> dict[str, deque[Sample]]:
    """Return what the table is made of when these have been heard."""
    found: dict[str, deque[Sample]] = {seat: deque() for seat in names}
    for sample in samples:
        drill.keep(found, sample)
    return found


def test_the_table_is_about_the_last_minutes_and_no_more_is_kept() -> None:
    hour = a_second_each(1e9, "a", 9.0, *[0.5] * 3300, *[0.1] * 299, 0.2)
    found = recent(["a", "b"], hour)
    assert len(found["a"]) == 60 * drill.MINUTES + 1
    console = Console(file=io.StringIO(), width=80, highlight=False)
    console.print(drill.table({"a": "", "b": ""}, found))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "in the last 5 min" in shown
    assert "200 ms 100 ms 100 ms 500 ms" in shown


@pytest.mark.parametrize(("language", "words"), [("en", "no seat was full"), ("zh", "没有座位满过")])
def test_the_summary(language: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    assert list(drill.bombs([sample for sample in CLASS if sample.seat != "bomb"])) == [words]
    [sentence] = drill.bombs(CLASS)
    assert "bomb" in sentence
    assert "10 ms" in sentence
    assert "90 ms" in sentence
