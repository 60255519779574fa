"""What a program inherits of signals: no verdict depends on it, and a student's program does not see it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab.signals import as_by_default, by_default_for_programs
from lab.student.seed import values_of
from tests.apart import apart, burdened
from tests.chat_room import REPOSITORY
from tests.eventually import PATIENCE

MASKS = ("SigBlk", "SigIgn")
PYTHONS = 1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1  # it ignores them from its start on
INTERNAL = 0b11 << 31  # 32 and 33 are the C library's own, signal(7)
# No solution, but it writes down what it finds.
PROGRAM = """import os, signal, sys, time
with open(os.path.expanduser("~/found"), "a") as file:
    file.writelines(line for line in open("/proc/self/status") if line[:6] in ("SigBlk", "SigIgn"))
"""


def masks(text: str) -> set[int]:
    return {int(line.split()[1], 16) & ~(INTERNAL | PYTHONS) for line in text.splitlines() if line.startswith(MASKS)}


def in_a_home(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a module below a starter that ignores and blocks everything, in a student's home."""
    (home / "work").mkdir(exist_ok=True)
    path = f"{sys.prefix}/bin{os.pathsep}{os.environ['PATH']}"
    environment = {
        "HOME": str(home),
        "LAB_HOME": str(home),
        "LAB_SEED": "client7",
        "LANG": "C.UTF-8",
        "PATH": path,
        "PYTHONPATH": str(REPOSITORY),
    }
    return subprocess.run(
        burdened(sys.executable, "-P", "-m", *words),
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize("slug", ["two-tasks", "local-socket"])
def test_a_students_program_gets_every_signal_as_by_default(slug: str, tmp_path: Path) -> None:
    """From `lab check`, and from what `make grade` starts in a seat; the verdict is "not yet", and not "unknown"."""
    work = tmp_path / "work"
    work.mkdir()
    (work / f"{slug}.py").write_text(PROGRAM)
    done = in_a_home(tmp_path, "lab.student.cli", "check", slug)
    assert done.returncode == 1, done.stdout + done.stderr
    found = (tmp_path / "found").read_text()
    assert masks(found) == {0}, found
    (tmp_path / "found").unlink()
    seat = {"seat": "client7", "home": str(tmp_path), "uid": os.getuid(), "gid": os.getgid()}
    request = json.dumps(seat | {"exercises": {slug: values_of(slug, "client7")}})
    done = in_a_home(tmp_path, "checks.exercises", "observe", request)
    assert done.returncode == 0, done.stdout + done.stderr
    found = (tmp_path / "found").read_text()
    assert masks(found) == {0}, found


def test_what_a_starter_ignored_is_by_default_here_or_only_in_what_is_executed() -> None:
    apart(each_way)


def each_way() -> None:
    status = ["grep", "^Sig[BI]", "/proc/self/status"]
    for number in (signal.SIGHUP, signal.SIGCHLD, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    by_default_for_programs()
    os.kill(os.getpid(), signal.SIGHUP)  # ignored as before
    assert masks(subprocess.run(status, capture_output=True, text=True, check=True).stdout) == {0}  # and no child lost
    for number in (signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_IGN)
    handler = signal.getsignal(signal.SIGINT)
    as_by_default()
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) == handler, "what this program does itself stays"
    with pytest.raises(subprocess.CalledProcessError):  # there is somebody to wait for
        subprocess.run(["false"], check=True)


def test_a_watch_is_not_over_when_the_check_has_failed(tmp_path: Path) -> None:
    """A starter that ignores SIGCHLD leaves nobody a status to wait for, and none would read as 0."""
    (tmp_path / "work").mkdir()
    (tmp_path / "work/two-tasks.py").write_text("print('nothing')\n")
    with subprocess.Popen(
        burdened(sys.executable, "-P", "-m", "lab.student.cli", "watch", "two-tasks"),
        env={"HOME": str(tmp_path), "LAB_HOME": str(tmp_path), "LAB_SEED": "x", "LANG": "C.UTF-8"}
        | {"PATH": f"{sys.prefix}/bin:{os.environ['PATH']}", "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        text=True,
    ) as watch:
        assert watch.stdout
        lines: list[str] = []
        while "waiting for a change" not in "".join(lines[-1:]):
            lines.append(watch.stdout.readline())
            assert lines[-1], "".join(lines)
        watch.kill()
