"""Exercise 24 beside its typed solutions: where the kernel's counts are, and what is judged of them alone."""

import re
from pathlib import Path
from typing import Any

import pytest

from checks.exercises import fork_bomb
from checks.judging import examine
from checks.judging.result import verdict
from checks.judging.seat import Seat

VALUES = {"number": 24}


def evidence(before: dict[str, int | None], now: dict[str, int | None], **more: Any) -> dict[str, Any]:
    return {"traces": [], "pids": [before, now], "neighbours": None} | more


def pids(limit: int | None, current: int | None, refused: int | None) -> dict[str, int | None]:
    return {"limit": limit, "current": current, "refused": refused}


def failed(found: dict[str, Any]) -> list[tuple[str, bool | None]]:
    return [(result["name"], result["passed"]) for result in examine.judge("fork-bomb", found, VALUES)]


@pytest.mark.parametrize("limit", [None, 9000])
def test_where_nothing_small_limits_it_a_bomb_is_not_asked_for(limit: int | None) -> None:
    here = pids(limit, 5, 0)
    results = examine.judge("fork-bomb", evidence(here, here), VALUES)
    assert verdict(results) is None
    assert "do this one in a seat" in results[0]["cause"]["rationale"]


def test_a_seat_so_full_that_nobody_could_look_does_not_work_yet() -> None:
    full = pids(128, 128, 500)
    assert failed(evidence(full, full)) == [("limited", True), ("hit", True), ("back", False)]


MEASURED = {
    "full": 12.2,
    "meanwhile": {"median": 0.0055, "worst": 0.0162},
    "seats": {"client2": {"median": 0.0059, "worst": 0.014}, "client3": {"median": 0.004, "worst": 0.0162}},
    "quiet": {"median": 0.004, "worst": 0.02},
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("neighbours", "figures"),
    [
        (None, []),
        (MEASURED, ["12", "6 ms", "16 ms", "4 ms", "20 ms"]),
        (MEASURED | {"quiet": None}, ["12", "6 ms", "16 ms"]),
    ],
)
def test_the_neighbours_latency_is_data_and_no_matter_for_the_verdict(
    neighbours: dict[str, Any] | None, figures: list[str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    here = pids(128, 4, 500)
    known = evidence(here, here, neighbours=neighbours)
    assert failed(known) == failed(evidence(here, here))
    data = examine.judge("fork-bomb", known, VALUES)[1]["data"]
    assert data["neighbours"] == neighbours
    assert re.findall(r"\d+(?: ms)?", re.sub(r"client\d", "", data["remark"])) == figures
    assert ("client3" in data["remark"]) == bool(neighbours)
    assert bool(re.search("[\u4e00-\u9fff]", data["remark"])) == (language == "zh")


def test_where_no_bomb_went_off_there_is_nothing_to_remark() -> None:
    here = pids(128, 4, 0)
    data = examine.judge("fork-bomb", evidence(here, here), VALUES)[1]["data"]
    assert data["neighbours"] is None
    assert "remark" not in data


@pytest.mark.parametrize("events", ["max 7\n", "max.imposed 3\nmax 7\n"])
def test_the_counts_are_read(events: str, tmp_path: Path) -> None:
    for name, text in (("pids.max", "128\n"), ("pids.current", "4\n"), ("pids.events", events)):
        (tmp_path / name).write_text(text)
    assert fork_bomb.counts(tmp_path) == pids(128, 4, 7)
    (tmp_path / "pids.max").write_text("max\n")
    assert fork_bomb.counts(tmp_path) == pids(None, 4, 7)
    assert fork_bomb.counts(tmp_path / "absent") == pids(None, None, None)


@pytest.mark.parametrize("path", ["pids.max", "pids/pids.max"])
def test_both_versions_of_control_groups_are_known(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Version 2 has all in one tree, version 1 a tree a controller; a container sees its own group as the root."""
    kind = "pids" if "/" in path else ""
    line = f"9:{kind}:/docker/abc\n0::/other\n" if kind else "0::/docker/abc\n"
    root = (tmp_path / path).parent
    root.mkdir(exist_ok=True)
    (tmp_path / path).touch()
    monkeypatch.setattr(fork_bomb, "CGROUPS", tmp_path)
    assert fork_bomb.folder_of(line) == root
    (root / "docker" / "abc").mkdir(parents=True)
    (root / "docker" / "abc" / "pids.max").touch()
    assert fork_bomb.folder_of(line) == root / "docker" / "abc"


def test_a_folder_that_stands_in_for_a_seat_has_the_limit_of_its_processes(tmp_path: Path) -> None:
    """With none of them there, it is that of who asks."""
    seat = Seat("tester", tmp_path)
    assert fork_bomb.cgroup(seat) == fork_bomb.folder_of(Path("/proc/self/cgroup").read_text())
