"""`make grade` on a running lab: programs that mean harm, seats that are down or hang. Needs the engine.

It works on the working tree itself, with a compose project and images of its own.
"""

import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from lab.exercises.seed import values_of
from lab.exercises.texts import fill
from lab.seats import grading, images, project
from lab.seats.command import LabError
from tests.clone import ROOT

PROJECT = "forklab-grade"
NAMES = {"COMPOSE_PROJECT_NAME": PROJECT, "LAB_IMAGES": PROJECT}
FAB = f"{sys.prefix}/bin/fab"

pytestmark = [pytest.mark.engine, pytest.mark.timeout(400), pytest.mark.usefixtures("lab")]


def run(*command: str, data: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | NAMES | environment,
        input=data,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="module")
def lab() -> Iterator[None]:
    """Three seats."""
    try:
        up = run(FAB, "-r", "lab", "lab")
        assert up.returncode == 0, up.stdout + up.stderr
        yield
    finally:
        run("docker", "compose", "down", "--volumes", "--timeout", "1")
        run("docker", "image", "rm", f"{PROJECT}/seat", f"{PROJECT}/server")


def container(seat: str) -> str:
    return run("docker", "compose", "ps", "--all", "--quiet", seat).stdout.strip()


def hand_in(seat: str, slug: str, program: str) -> None:
    """Put a program into a seat, as its student."""
    command = f"mkdir -p ~/work && cat > ~/work/{slug}.py"
    done = run("docker", "exec", "-i", container(seat), "sh", "-c", command, data=program)
    assert done.returncode == 0, done.stderr


def solution(seat: str, slug: str, name: str = "reference.py") -> str:
    text = (ROOT / "tests/exercises" / slug / name).read_text(encoding="utf-8")
    return fill(text, values_of(slug, seat))


def grade(reports: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return run(FAB, "-r", "lab", "grade", "--reports", str(reports), *words, **environment)


def verdicts(reports: Path) -> dict[tuple[str, str], Any]:
    """Return, by seat and exercise, True, or the first mistake, or None and why."""
    found: dict[tuple[str, str], Any] = {}
    for document in json.loads((reports / "results.json").read_text(encoding="utf-8")):
        for result in document["results"]:
            key = (document["seat"], result["data"]["exercise"])
            if found.get(key, True) is True and result["passed"] is not True:
                found[key] = result["cause"]["mistake"] if result["passed"] is False else (None, result["cause"])
            found.setdefault(key, True)
    return found


HARM = {
    "forks without end": ("import os\nwhile True:\n    os.fork()\n", {"swarm", "too-much"}),
    "floods its output": ("import os\nwhile True:\n    os.write(1, b'x' * 65536)\n", {"hangs"}),
    "hangs, deaf to SIGTERM": (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True:\n    time.sleep(1)\n",
        {"hangs"},
    ),
    "kills every process": ("import os\nos.kill(-1, 9)\n", {"seat-ended", "crashed"}),
    "kills its group": ("import os\nos.kill(0, 9)\n", {"crashed"}),
    "closes its descriptors": ("import os\nos.closerange(0, 1000)\nos._exit(1)\n", {"crashed"}),
    "eats the memory": ("data = []\nwhile True:\n    data.append(bytearray(10_000_000))\n", {"crashed"}),
    "leaves a daemon": (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    os.closerange(0, 100)\n    time.sleep(1000)\n",
        {"left-running"},
    ),
    "has a syntax error": ("if\n", {"crashed"}),
}


def test_programs_that_mean_harm_get_a_verdict_and_harm_nobody_else(tmp_path: Path) -> None:
    """In each of two seats one harmful program after the other; the third seat is graded beside them, and right."""
    slugs = ("exit-status", "zombie", "local-socket")
    seats = ("client1", "client2", "client3")
    for slug in slugs:
        hand_in("client3", slug, solution("client3", slug))
    longest, waiting = 0.0, list(HARM)
    while waiting:
        now = {(seat, slug): waiting.pop() for seat in seats[:2] for slug in slugs[:2] if waiting}
        for seat in seats[:2]:
            hand_in(seat, "local-socket", solution(seat, "local-socket"))
        for (seat, slug), kind in now.items():
            hand_in(seat, slug, HARM[kind][0])
        began = time.monotonic()
        done = grade(tmp_path, "--only", ",".join(slugs))
        longest = max(longest, time.monotonic() - began)
        found = verdicts(tmp_path)
        assert done.returncode == 1, done.stdout + done.stderr
        for key, kind in now.items():
            assert found[key] in HARM[kind][1], (kind, found[key])
        assert {found[seat, "local-socket"] for seat in seats} == {True}, "what comes after, or beside"
        assert {found["client3", slug] for slug in slugs} == {True}
    assert longest < 120
    left = run("docker", "exec", container("client1"), "ps", "-eo", "args", "--no-headers").stdout
    assert "python3" not in left, "nothing of any program is left running"


def test_a_students_program_runs_as_the_student_and_can_do_no_more_than_in_a_shell(tmp_path: Path) -> None:
    program = "import os, sys\nsys.stdout.write(open('/proc/self/status').read() + os.getcwd() + repr(os.environ))\n"
    hand_in("client1", "exit-status", program)
    grade(tmp_path, "--only", "exit-status", "--seats", "client1")
    with gzip.open(tmp_path / "evidence/client1.json.gz", "rt", encoding="utf-8") as file:
        evidence = json.load(file)["exercises"]["exit-status"]["evidence"]
    said = evidence["traces"][0]["stdout"]["text"]
    shell = run("docker", "exec", container("client1"), "cat", "/proc/self/status").stdout
    fields = ("Uid:", "Gid:", "Cap", "NoNewPrivs:", "Seccomp:")
    assert [line for line in said.splitlines() if line.startswith(fields[:3])] == [
        line for line in shell.splitlines() if line.startswith(fields[:3])
    ]
    assert [line for line in said.splitlines() if line.startswith(fields[3])] == ["NoNewPrivs:\t0"]
    assert "/home/client1/work" in said
    assert "'HOME': '/home/client1'" in said
    assert evidence["traces"][0]["command"] == ["python3", "exit-status.py"], "not how root has started it"


def test_the_same_values_are_drawn_in_a_seat_and_on_the_host() -> None:
    program = (
        "import json; from lab.exercises import EXERCISES; from lab.exercises.seed import values_of\n"
        "print(json.dumps([[values_of(slug, f'seat{n}') for slug in EXERCISES] for n in range(20)]))"
    )
    there = run("docker", "exec", container("client1"), "python3", "-P", "-c", program)
    here = run(sys.executable, "-c", program)
    assert there.stdout == here.stdout != ""


def test_a_seat_that_is_down_or_hangs_costs_its_own_exercises_alone(tmp_path: Path) -> None:
    hand_in("client3", "zombie", solution("client3", "zombie"))
    run("docker", "pause", container("client1"))
    run("docker", "stop", "--time", "0", container("client2"))
    try:
        done = grade(tmp_path, "--only", "zombie")
    finally:
        run("docker", "unpause", container("client1"))
        run("docker", "start", container("client2"))
    found = verdicts(tmp_path)
    assert done.returncode == 2
    assert found["client3", "zombie"] is True
    for seat, word in (("client1", "paused"), ("client2", "exited")):
        verdict, cause = found[seat, "zombie"]
        assert verdict is None
        assert word in cause["rationale"]


def test_graded_again_without_any_seat(tmp_path: Path) -> None:
    hand_in("client3", "zombie", solution("client3", "zombie"))
    assert grade(tmp_path, "--only", "zombie", "--seats", "client3").returncode == 0
    before = (tmp_path / "results.json").read_bytes()
    done = grade(tmp_path / "again", "--evidence", str(tmp_path), DOCKER_HOST="unix:///nowhere.sock")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "again/results.json").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--seats", "client9"), "There is no seat named 'client9'; the seats are client1, client2, client3."),
        (("--only", "zombi"), "did you mean zombie, jobs, fork-bomb?"),
        (("--evidence", "nowhere"), "there is no evidence in nowhere"),
    ],
)
def test_a_mistake_gets_a_sentence(tmp_path: Path, words: tuple[str, ...], sentence: str) -> None:
    done = grade(tmp_path, *words)
    assert done.returncode == 2
    assert sentence in " ".join((done.stdout + done.stderr).split())


def test_a_seat_of_another_version_is_not_graded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "IN_PROJECT", f"com.docker.compose.project={PROJECT}")
    monkeypatch.setattr(images, "version", lambda: "another")
    with pytest.raises(LabError, match=r"client1 is not of this version \(another\): make lab first"):
        grading.gather(docker.from_env(), [], ["zombie"], tmp_path)
    assert not list(tmp_path.iterdir())
