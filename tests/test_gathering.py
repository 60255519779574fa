"""`make drill` and `make grade` on a running class. Needs the engine.

There are right and wrong solutions of all exercises, a fork bomb, programs that mean harm, and seats that are down or
hang. All exercises of two seats are graded once, and most tests look at what came of that.
"""

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest

from lab.exercises import EXERCISES
from lab.host import project
from lab.host.bringup import images
from lab.host.classroom import gathering, latency
from lab.host.command import LabError
from tests.class_lab import ClassLab, class_lab, project_name
from tests.clone import run
from tests.eventually import eventually
from tests.shell import Shell
from tests.solved_class import SolvedSeat
from tests.window import Window

PROJECT = project_name("grade")
FAB = f"{sys.prefix}/bin/fab"

pytestmark = [pytest.mark.engine, pytest.mark.timeout(400)]

# A wrong solution of each exercise, by its file in tests/exercises: none that takes long.
WRONG = {
    "file-types": "wrong_dangling",
    "local-socket": "wrong_echoes",
    "two-tasks": "wrong_threads",
    "fork-copy": "wrong_changes_the_parents",
    "pids": "wrong_return_value",
    "exit-status": "wrong_raw_status",
    "orphan": "wrong_parent_waits",
    "zombie": "wrong_sleeping_child",
    "wait": "wrong_one_wait",
    "waitpid": "wrong_blocks",
    "sigchld": "wrong_one_wait",
    "double-fork": "wrong_single_fork",
    "states": "wrong_swapped",
    "uninterruptible": "wrong_sleeps",
    "nice": "wrong_not_nice",
    "renice": "wrong_started_at_second",
    "tree": "wrong_flat",
    "jobs": "wrong_not_stopped",
    "threads": "wrong_processes_twice",
    "timeout": "wrong_one_at_a_time",
    "multiplex": "wrong_fork",
    "chat-client": "wrong_other_name",
    "chat-room": "wrong_echoes",
    "fork-bomb": "wrong_one_parent",
}
HARM = {
    "forks without end": ("import os\nwhile True:\n    os.fork()\n", {"swarm", "too-much"}),
    "floods its output": ("import os\nwhile True:\n    os.write(1, b'x' * 65536)\n", {"hangs"}),
    "hangs, deaf to SIGTERM": (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True:\n    time.sleep(1)\n",
        {"hangs"},
    ),
    # It is not killed itself (kill(2)), and ends, without a child, before or after the seat that it has killed.
    "kills every process": ("import os\nos.kill(-1, 9)\n", {"seat-ended", "crashed", "no-child", "not-kept"}),
    "kills its group": ("import os\nos.kill(0, 9)\n", {"crashed"}),
    "closes its descriptors": ("import os\nos.closerange(0, 1000)\nos._exit(1)\n", {"crashed"}),
    "eats the memory": ("data = []\nwhile True:\n    data.append(bytearray(10_000_000))\n", {"crashed"}),
    "leaves a daemon": (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    os.closerange(0, 100)\n    time.sleep(1000)\n",
        {"left-running"},
    ),
    "has a syntax error": ("if\n", {"crashed"}),
}
HARMED = [f"harm{number}" for number in range(1, 6)]
SLOTS = [(seat, slug) for seat in HARMED for slug in ("exit-status", "zombie")]
IDLE = ["COMMAND", "/sbin/docker-init -- door", "door", "ps -eo args"]  # what there is in a seat
STUDENTS = {"right": "张三", "wrong": "李四", **dict.fromkeys(HARMED, "王五")}


@dataclass
class Graded:
    """Two students who were graded once: where the reports are, and what they say."""

    reports: Path
    seats: dict[str, SolvedSeat]
    drilled: str  # what `make drill` has shown

    @property
    def found(self) -> dict[tuple[str, str], Any]:
        return verdicts(self.reports)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassLab]:
    """A class of seven: who solves all, who solves nothing, and five who mean harm."""
    with class_lab(tmp_path_factory.mktemp("clone"), PROJECT) as found:
        found.up(*((seat, name, "") for seat, name in STUDENTS.items()))
        yield found


@pytest.fixture(scope="module")
def graded(lab: ClassLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graded]:
    """Two at work, a drill while a bomb goes off, and then a `make grade` of all exercises."""
    seats = {seat: SolvedSeat(lab, seat) for seat in ("right", "wrong")}
    try:
        seats["wrong"].solve(stems=WRONG)
        seats["right"].solve([slug for slug in EXERCISES if slug != "fork-bomb"])
        drilled = drill(lab, seats)
        reports = tmp_path_factory.mktemp("reports")
        done = grade(lab, reports, "--seats", "right,wrong")
        assert done.returncode == 1, done.stdout + done.stderr
        yield Graded(reports, seats, drilled)
    finally:
        for student in seats.values():
            student.close()


def drill(lab: ClassLab, seats: dict[str, SolvedSeat]) -> str:
    """Set a bomb off in one seat, and stop another's door, and look at `make drill`; return the last it shows."""
    window = Window(
        [FAB, "-r", str(lab.folder / "lab"), "drill"],
        {**os.environ, **lab.environment, "LANGUAGE": "en", "TERM": "xterm-256color"},
    )
    window.sees("right")
    *lines, kill = seats["right"].case("fork-bomb").typed
    student: Shell = seats["right"].shell()
    for line in lines:
        student.enter(line)
    window.sees("FULL")
    eventually(lambda: [state for seat, state in samples(lab) if seat == "right"].count("full") >= 3, within=30)
    student.enter(kill)
    run("docker", "exec", lab.container("harm1"), "pkill", "-STOP", "-x", "-f", "door")
    window.sees("late")
    run("docker", "exec", lab.container("harm1"), "pkill", "-CONT", "-x", "-f", "door")
    window.type("\x03")
    window.sees("right was full for ")
    assert window.ends() == 0
    return window.shown


def samples(lab: ClassLab) -> list[tuple[str, str]]:
    """Return the seat and the state of each sample that was kept."""
    return [(sample.seat, sample.state) for sample in latency.read(lab.folder / ".lab" / "drill.jsonl")]


def grade(lab: ClassLab, reports: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = (FAB, "-r", "lab", "grade", "--reports", str(reports), *words)
    return run(*command, cwd=lab.folder, **lab.environment, **environment)


def verdicts(reports: Path) -> dict[tuple[str, str], Any]:
    """Return, by seat and exercise, True, or the first mistake, or None and why; of mistakes, say what was seen."""
    found: dict[tuple[str, str], Any] = {}
    for document in json.loads((reports / "results.json").read_text(encoding="utf-8")):
        for result in document["results"]:
            key = (document["seat"], result["data"]["exercise"])
            if found.get(key, True) is True and result["passed"] is not True:
                found[key] = result["data"]["mistake"] if result["passed"] is False else (None, result["cause"])
                print(*key, result["cause"], result["log"], sep="\n")  # shown when a test fails
            found.setdefault(key, True)
    return found


def kept(reports: Path, seat: str, slug: str) -> Any:
    """Return the evidence of an exercise."""
    with gzip.open(reports / "evidence" / f"{seat}.json.gz", "rt", encoding="utf-8") as file:
        return json.load(file)["exercises"][slug]["evidence"]


def test_programs_that_mean_harm_get_a_verdict_and_harm_nobody_else(lab: ClassLab, tmp_path: Path) -> None:
    """In each seat one after the other, and then a right one; another seat is graded beside them, and right."""
    slugs = ("exit-status", "zombie", "wait")
    SolvedSeat(lab, "right").solve(slugs)
    for seat in HARMED:
        SolvedSeat(lab, seat).solve(["wait"])
    for (seat, slug), kind in zip(SLOTS, HARM, strict=False):
        SolvedSeat(lab, seat).hand_in({f"{slug}.py": HARM[kind][0]})
    began = time.monotonic()
    done = grade(lab, tmp_path, "--only", ",".join(slugs), "--seats", ",".join(["right", *HARMED]))
    assert time.monotonic() - began < 120
    assert done.returncode == 1, done.stdout + done.stderr
    found = verdicts(tmp_path)
    for key, kind in zip(SLOTS, HARM, strict=False):
        assert found[key] in HARM[kind][1], (kind, found[key])
    assert {found[seat, "wait"] for seat in HARMED} == {True}, "what comes after"
    assert {found["right", slug] for slug in slugs} == {True}, "what is beside"
    for seat in HARMED:
        assert SolvedSeat(lab, seat).ps().splitlines() == IDLE, "nothing of any program is left running"


def test_who_runs_when_another_ends_the_seat_is_not_blamed(lab: ClassLab, tmp_path: Path) -> None:
    """A shell kills all as soon as the second program runs; then the seat is new, and the program is tried again."""
    slugs = ("exit-status", "wait")
    SolvedSeat(lab, "harm5").solve(slugs)
    before = lab.inspect("harm5")["State"]["StartedAt"]
    killer = "until pgrep -f [w]ait.py > /dev/null; do sleep 0.01; done; kill -9 -1"
    run("docker", "exec", "--detach", lab.container("harm5"), "bash", "-c", killer)
    done = grade(lab, tmp_path, "--only", ",".join(slugs), "--seats", "harm5")
    assert done.returncode == 0, done.stdout + done.stderr
    assert lab.inspect("harm5")["State"]["StartedAt"] != before
    assert verdicts(tmp_path) == {("harm5", slug): True for slug in slugs}


def test_the_reference_of_every_exercise_passes(graded: Graded) -> None:
    assert {slug: graded.found["right", slug] for slug in EXERCISES} == dict.fromkeys(EXERCISES, True)


def test_a_wrong_solution_of_every_exercise_fails_with_its_own_hint(graded: Graded) -> None:
    wanted = {slug: (graded.seats["wrong"].case(slug, WRONG[slug]).fails or ("", ""))[1] for slug in EXERCISES}
    assert {slug: graded.found["wrong", slug] for slug in EXERCISES} == wanted


def test_the_neighbours_latency_while_a_bomb_goes_off_is_in_the_report(graded: Graded) -> None:
    neighbours = kept(graded.reports, "right", "fork-bomb")["neighbours"]
    assert neighbours["full"] > 0
    assert set(neighbours["seats"]) == {*STUDENTS} - {"right"}
    for summary in (neighbours["meanwhile"], neighbours["quiet"], *neighbours["seats"].values()):
        assert 0 < summary["median"] <= summary["worst"]
    [document] = [
        found for found in json.loads((graded.reports / "results.json").read_text()) if found["seat"] == "right"
    ]
    [result] = [result for result in document["results"] if result["name"] == "fork-bomb/hit"]
    assert result["data"]["neighbours"] == neighbours
    page = (graded.reports / "index.html").read_text(encoding="utf-8")
    assert page.count("`true` took its neighbours ") == 1
    assert kept(graded.reports, "wrong", "fork-bomb")["neighbours"] is None, "nobody has seen a bomb there"


def test_a_drill_leaves_nothing_behind(lab: ClassLab, graded: Graded) -> None:
    """However it ends: by Ctrl-C before, and killed now. A door that was stopped has served its one caller."""
    assert re.match(r"\d+ s: the others took [\d.]+ m?s in the median, [\d.]+ m?s at worst", graded.drilled)
    command = (FAB, "-r", "lab", "drill", "--as-json")
    with subprocess.Popen(command, cwd=lab.folder, env=os.environ | lab.environment, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert set(json.loads(process.stdout.readline())) == {"at", "seat", "state", "seconds"}
        process.send_signal(signal.SIGKILL)
    gate = ("docker", "exec", lab.container("gate"), "ps", "-eo", "args")
    eventually(lambda: "pulse" not in run(*gate).stdout, within=20)
    for seat in HARMED:
        assert SolvedSeat(lab, seat).ps().splitlines() == IDLE


def test_graded_again_without_any_seat(lab: ClassLab, graded: Graded, tmp_path: Path) -> None:
    done = grade(lab, tmp_path, "--evidence", str(graded.reports), DOCKER_HOST="unix:///nowhere.sock")
    assert done.returncode == 1, done.stdout + done.stderr
    for name in ("results.json", "index.html", "matrix.csv", "junit.xml"):
        assert (tmp_path / name).read_bytes() == (graded.reports / name).read_bytes()


def test_a_students_program_runs_as_the_student_and_can_do_no_more_than_in_a_shell(
    lab: ClassLab, tmp_path: Path
) -> None:
    program = "import os, sys\nsys.stdout.write(open('/proc/self/status').read() + os.getcwd() + repr(os.environ))\n"
    SolvedSeat(lab, "harm4").hand_in({"exit-status.py": program})
    grade(lab, tmp_path, "--only", "exit-status", "--seats", "harm4")
    evidence = kept(tmp_path, "harm4", "exit-status")
    said = evidence["traces"][0]["stdout"]["text"]
    shell = run("docker", "exec", lab.container("harm4"), "cat", "/proc/self/status").stdout
    fields = ("Uid:", "Gid:", "Cap", "NoNewPrivs:", "Seccomp:")
    assert [line for line in said.splitlines() if line.startswith(fields[:3])] == [
        line for line in shell.splitlines() if line.startswith(fields[:3])
    ]
    assert [line for line in said.splitlines() if line.startswith(fields[3])] == ["NoNewPrivs:\t0"]
    assert "/home/harm4/work" in said
    assert "'HOME': '/home/harm4'" in said
    assert evidence["traces"][0]["command"] == ["python3", "exit-status.py"], "not how root has started it"


def test_the_same_values_are_drawn_in_a_seat_and_on_the_host(lab: ClassLab) -> None:
    program = (
        "import json; from lab.exercises import EXERCISES; from lab.student.seed import values_of\n"
        "print(json.dumps([[values_of(slug, f'seat{n}') for slug in EXERCISES] for n in range(20)]))"
    )
    there = run("docker", "exec", lab.container("right"), "python3", "-P", "-c", program)
    here = run(sys.executable, "-c", program)
    assert there.stdout == here.stdout != ""


def test_a_seat_that_is_down_or_hangs_costs_its_own_exercises_alone(lab: ClassLab, tmp_path: Path) -> None:
    third = SolvedSeat(lab, "harm3")
    third.hand_in({"zombie.py": third.case("zombie").solution})
    lab.halt("harm1", "pause")
    lab.halt("harm2", "stop")
    try:
        done = grade(lab, tmp_path, "--only", "zombie", "--seats", "harm1,harm2,harm3")
    finally:
        run("docker", "unpause", lab.container("harm1"))
        run("docker", "start", lab.container("harm2"))
    found = verdicts(tmp_path)
    assert done.returncode == 2
    assert found["harm3", "zombie"] is True
    for seat, word in (("harm1", "paused"), ("harm2", "exited")):
        verdict, cause = found[seat, "zombie"]
        assert verdict is None
        assert word in cause["rationale"]


def test_a_seat_is_served_first_only_while_it_is_graded(lab: ClassLab) -> None:
    container = docker.from_env().containers.get(lab.container("harm5"))
    usual = lab.inspect("harm5")["HostConfig"]["CpuShares"]
    with gathering.preferred(container):
        assert lab.inspect("harm5")["HostConfig"]["CpuShares"] == gathering.SHARES > usual
    assert lab.inspect("harm5")["HostConfig"]["CpuShares"] == usual


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--seats", "client9"), f"There is no seat named 'client9'; the seats are {', '.join(sorted(STUDENTS))}."),
        (("--only", "zombi"), "did you mean zombie, jobs, fork-bomb?"),
        (("--evidence", "nowhere"), "there is no evidence in nowhere"),
    ],
)
def test_a_mistake_gets_a_sentence(lab: ClassLab, tmp_path: Path, words: tuple[str, ...], sentence: str) -> None:
    done = grade(lab, tmp_path, *words)
    assert done.returncode == 2
    assert sentence in " ".join((done.stdout + done.stderr).split())


@pytest.mark.usefixtures("lab")
def test_a_seat_of_another_version_is_not_graded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "IN_PROJECT", f"com.docker.compose.project={PROJECT}")
    monkeypatch.setattr(images, "version", lambda: "another")
    with pytest.raises(LabError, match=r"harm1-1 is not of this version \(another\): make lab first"):
        gathering.gather(docker.from_env(), ["harm1"], ["zombie"], tmp_path)
    assert not list(tmp_path.iterdir())
