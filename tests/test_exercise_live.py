"""The judges of what is live: sentences about what a test's own shell does not bring about, or only by chance."""

import os
from pathlib import Path
from typing import Any

import pytest

from checks.exercises import file_types
from checks.judging import examine
from checks.judging.result import Result
from lab.student.seed import values_of
from tests.test_busy_machine import evidence, process

JOBS, NICE, TYPES, STATES = (values_of(slug, "seat0") for slug in ("jobs", "nice", "file-types", "states"))
SECONDS = 1.2


def job(pid: int, which: str, *states: tuple[float, str], **more: Any) -> dict[str, Any]:
    """Return a job of one shell, 327, as it was seen for a while."""
    held = {"foreground": ((0.0, which == "foreground"),), "groups": ((0.0, pid),)} | more
    found = process(pid, 327, 0.0, *states, gone=SECONDS, **held)
    words = [str(JOBS.get(which, which)), "1000"]
    return found | {"commands": [[0.0, SECONDS, {"comm": "sleep", "cmdline": words}]]}


def failed(slug: str, found: dict[str, Any]) -> list[Result]:
    results = examine.judge(slug, found, values_of(slug, "seat0"))
    return [result for result in results if result["passed"] is not True]


STOPPED, BACKGROUND, FOREGROUND = (
    job(328, "stopped", (0.0, "T")),
    job(329, "background", (0.0, "S")),
    job(330, "foreground", (0.0, "S")),
)


@pytest.mark.parametrize(
    ("background", "mistake"),
    [
        (job(329, "background", (0.0, "S")), None),
        (job(329, "background", (0.0, "R"), (0.4, "S"), (0.5, "D"), (0.6, "R")), None),
        (job(329, "background", (0.0, "S"), (0.4, "T"), (0.7, "S")), "stopped-too"),
        (job(329, "background", (0.0, "T")), "stopped-too"),
        (job(329, "background", (0.0, "Z")), "ended"),
        (job(329, "background", (0.0, "S"), (0.3, "Z")), "ended"),
    ],
)
def test_a_job_in_the_background_goes_on_all_the_time(background: dict[str, Any], mistake: str | None) -> None:
    found = failed("jobs", evidence(0.0, 0.03, STOPPED, background, FOREGROUND))
    assert [result["data"]["mistake"] for result in found] == ([mistake] if mistake else [])
    assert not found or found[0]["name"] == "background"


def test_what_is_left_of_an_earlier_job_of_the_name_is_not_taken_for_it() -> None:
    left = job(331, "background", (0.0, "Z"))
    assert failed("jobs", evidence(0.0, 0.03, STOPPED, left, BACKGROUND, FOREGROUND)) == []


def test_who_is_stopped_and_has_the_terminal_is_said_to_have_it() -> None:
    both = {"foreground": ((0.0, True),)}
    [found] = failed("jobs", evidence(0.0, 0.03, job(328, "stopped", (0.0, "T"), **both), BACKGROUND, FOREGROUND))
    assert (found["name"], found["data"]["mistake"]) == ("stopped", "in-foreground")
    [found] = failed("jobs", evidence(0.0, 0.03, STOPPED, BACKGROUND, job(330, "foreground", (0.0, "T"))))
    assert (found["name"], found["data"]["mistake"]) == ("foreground", "stopped-too")
    assert "no +" not in found["cause"]["rationale"]


@pytest.mark.parametrize(("shells", "is_blamed"), [(0, False), (3, True)])
def test_the_niceness_of_a_shell_is_blamed_only_if_it_has_any(shells: int, is_blamed: bool) -> None:
    loop = process(329, 328, 0.0, (0.0, "R"), gone=SECONDS, niceness=((0.0, 10),))
    loop |= {"commands": [[0.0, SECONDS, {"comm": str(NICE["name"]), "cmdline": []}]]}
    shell = process(328, 327, 0.0, (0.0, "S"), gone=SECONDS, niceness=((0.0, shells),))
    [found] = failed("nice", evidence(0.0, 0.03, shell, loop))
    assert found["data"]["mistake"] == "another"
    assert ("the shell's own" in (found["cause"] or {}).get("help", "")) is is_blamed


@pytest.mark.parametrize(
    ("error", "mistake"), [(PermissionError, "hidden"), (FileNotFoundError, "dangling"), (OSError, "dangling")]
)
def test_a_link_dangles_only_if_it_is_known_to(
    error: type[OSError], mistake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for which in ("directory", "file", "socket", "pipe"):
        (tmp_path / str(TYPES[which])).touch()
    (tmp_path / str(TYPES["link"])).symlink_to("/somewhere")

    def refuse(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if follow_symlinks:
            raise error
        return os.lstat(path)

    monkeypatch.setattr(Path, "stat", refuse)
    entries = file_types.entries(tmp_path, {str(TYPES["link"])})
    monkeypatch.undo()
    found = failed("file-types", {"traces": [], "entries": entries, "folder": "drwxr-xr-x"})
    [resolves] = [result for result in found if result["name"] == "resolves"]
    assert resolves["data"]["mistake"] == mistake


def test_a_folder_whose_names_alone_can_be_read_is_not_said_to_be_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").touch()

    def refuse(_: Path) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "lstat", refuse)
    assert file_types.entries(tmp_path, set()) is None


@pytest.mark.parametrize(("letter", "is_told"), [("T", True), ("S", False)])
def test_who_is_to_run_and_is_stopped_is_told_to_be_continued(letter: str, is_told: bool) -> None:
    words = {"running": (0.0, letter), "sleeping": (0.0, "S"), "stopped": (0.0, "T")}
    three = [job(328 + number, "", state) for number, state in enumerate(words.values())]
    for found, which in zip(three, words, strict=True):
        found["commands"] = [[0.0, SECONDS, {"comm": "x", "cmdline": [str(STATES[which])]}]]
    [running] = failed("states", evidence(0.0, 0.03, *three))
    assert running["name"] == "running"
    assert ("kill -CONT" in (running["cause"] or {}).get("help", "")) is is_told
