"""What is nobody's fault could not be checked; and no verdict drives a terminal, whatever a program has written."""

import json
import os
from pathlib import Path

import pytest

from checks.exercises import __main__ as command
from checks.judging import examine, report
from checks.judging.result import Check, Mistake, results, verdict
from checks.judging.seat import Evidence, Running, Seat
from lab.student.seed import values_of
from lab.trace import job, recording
from tests.eventually import eventually


@pytest.fixture
def seat(tmp_path: Path) -> Seat:
    (tmp_path / "work").mkdir()
    (tmp_path / "work/zombie.py").write_text("")
    return Seat("anna", tmp_path)


def test_a_trace_that_cannot_be_made_is_not_the_students_fault(
    seat: Seat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, said in ((tmp_path / "gone", "No such file"), (tmp_path, "ended at once, with status 1")):
        monkeypatch.setattr(recording, "FOLDER", folder)  # in which there is no watcher
        assert_not_checked(seat, said)


def test_a_program_that_kills_who_watches_it_has_failed(seat: Seat) -> None:
    find = f"pgrep -P {os.getpid()} -f lab[.]trace[.]watcher"
    program = f"import os, signal\nos.kill(int(os.popen({find!r}).read()), 9)\nsignal.pause()"
    (seat.work / "zombie.py").write_text(program)
    values = values_of("zombie", "anna")
    (found,) = examine.judge("zombie", examine.observe("zombie", seat, values), values)
    assert (found["passed"], found["data"]) == (False, {"mistake": "recorder-killed"})


def test_a_leader_that_cannot_be_started_is_not_the_students_fault(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "LEADER", Path("/no/such/leader.py"))
    assert_not_checked(seat, "python3: ")


def test_a_program_that_forks_goes_on_after_each_pause(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checks.judging.seat.STOP", 10.0)  # however busy the machine is
    size = 50_000_000  # bytes, so that a fork takes its time
    loop = "while True:\n    os.fork() or os._exit(0)\n    os.wait()\n    print(flush=True)"
    (seat.work / "zombie.py").write_text(f"import os\ndata = b'x' * {size}\n{loop}")
    with seat.started("zombie", seconds=100) as running:
        for _ in range(100):
            await_line(running, running.lines + 1)
            with running.paused():
                assert running.is_stopped()


def await_line(running: Running, number: int) -> None:
    eventually(lambda: running.lines >= number, within=10)


def test_a_check_that_fails_itself_is_not_the_students_fault(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    def begin(_: Running) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(Running, "begin", begin)
    assert_not_checked(seat, "can't start new thread")


def test_what_could_not_be_told_is_looked_at_again_when_the_others_are_done(
    seat: Seat, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    looked: list[str] = []

    def observe(slug: str, *_: object) -> Evidence:
        looked.append(slug)
        is_calm = slug == "tree" or looked.count("zombie") > 1
        return examine.trouble("no-program") if is_calm and slug != "wait" else examine.trouble("could-not-run", "busy")

    monkeypatch.setattr(examine, "observe", observe)
    exercises = {slug: values_of(slug, "anna") for slug in ("wait", "zombie", "tree")}
    user = {"uid": os.getuid(), "gid": os.getgid()}
    command.observe({"seat": "anna", "home": str(seat.home), "exercises": exercises} | user)
    assert looked == ["wait", "zombie", "tree", "wait", "zombie", "wait"]
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    answered = {line["slug"]: line["evidence"]["trouble"][0] for line in said if "slug" in line}
    assert answered == {"tree": "no-program", "zombie": "no-program", "wait": "could-not-run"}


def test_a_report_that_fails_is_not_the_students_fault(
    seat: Seat, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAB_HOME", str(seat.home))
    monkeypatch.setattr(command, "speak_utf8", lambda: None)  # what captures the output has no encoding to change
    monkeypatch.setattr(report, "show", None)
    assert command.main(["check", "zombie"]) == 2
    assert "TypeError" in capsys.readouterr().err


def test_a_busy_machine_makes_no_wrong_order_right(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    values = values_of("wait", "anna")
    longest, *others = str(values["seconds"]).split(", ")
    program = "import os, time\nfor s in [{}]: os.fork() or (time.sleep(s), os._exit(0))\nfor _ in [{}]: os.wait()"

    def told(times: list[str]) -> bool | None:
        words = ", ".join(times)
        (tmp_path / "work/wait.py").write_text(program.format(words, words))
        evidence = examine.observe("wait", Seat("anna", tmp_path), values) | {"late": 0.6}
        return verdict(examine.judge("wait", evidence, values))

    eventually(lambda: told([longest, *others]))  # it may be busy indeed, and then it is not told
    assert told([longest, *others[::-1]]) is None


def assert_not_checked(seat: Seat, said: str) -> None:
    values = values_of("zombie", "anna")
    found = examine.judge("zombie", examine.observe("zombie", seat, values), values)
    assert verdict(found) is None
    assert said in found[0]["cause"]["rationale"]


def test_what_a_program_has_written_does_not_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b[2J\x1b]0;title\x07\u202eanna"

    def fail() -> None:
        raise Mistake("key", f"it said {evil}", advice=evil, compared=(evil, evil), rows=f"one {evil}\ntwo")

    found = results(Check("name", "a description", fail))
    assert found[0]["log"] == "one ?[2J?]0;title??anna\ntwo"
    report.show("zombie", found, {"traces": []})
    shown = capsys.readouterr().out
    assert "it said ?[2J?]0;title??anna" in shown
    assert all(character.isprintable() or character == "\n" for character in shown)
