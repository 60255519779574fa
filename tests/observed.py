"""What is seen of the solutions of tests/solutions.py: each is put into a seat of its own, and checked there."""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from checks.judging import examine
from checks.judging.result import Result, verdict
from checks.judging.seat import Evidence, Seat
from lab.exercises import LIVE
from lab.student.seed import Values
from tests.cage import caged
from tests.chat_room import served
from tests.eventually import eventually
from tests.shell import Shell, shell
from tests.solutions import Case

IN_A_SEAT = Path(__file__).with_name("in_a_seat.sh")
AT_ONCE = 2 * len(os.sched_getaffinity(0)) + 1  # seats: most of a run is waiting


@contextlib.contextmanager
def surroundings() -> Iterator[None]:
    """A real chat server, as the lab's, for all seats at once; and this Python is the student's python3."""
    kept = os.environ["PATH"]
    with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "chat.sock") as server:
        os.environ["CHAT_SOCKET"] = str(server.path)
        os.environ["PATH"] = f"{sys.prefix}/bin{os.pathsep}{kept}"
        yield
        os.environ["PATH"] = kept
        del os.environ["CHAT_SOCKET"]


def observers() -> ProcessPoolExecutor:
    """Return what looks at several seats at once: as `lab check` does, each from a process of its own.

    For root each has processes of its own as well, as a seat has: who looks need not look at all of this machine's.
    """
    context = get_context("spawn")
    os.environ["PYTHON_OF_TESTS"] = sys.executable
    context.set_executable(str(IN_A_SEAT) if os.geteuid() == 0 else sys.executable)
    return ProcessPoolExecutor(AT_ONCE, context)


def observe(case: Case, number: int, *, again: bool = False) -> Evidence:
    """Put the solution into a seat, and look; at what is live, once it is as expected, once more if asked to.

    The number is the seat's: they are all in one room.
    """
    home = Path(tempfile.mkdtemp(prefix="ex"))  # a short path: it may have to hold a socket
    try:
        (home / "work").mkdir()
        seat = Seat(f"tester{number}", home)
        return typed(case, seat, again) if case.slug in LIVE else handed_in(case, seat)
    finally:
        shutil.rmtree(home)


def look(slug: str, seat: Seat, values: Values) -> Evidence:
    """Check, and again whenever the check says that the machine was too busy to tell, as a student would."""
    seen: list[Evidence] = []

    def is_told() -> bool:
        seen.append(examine.observe(slug, seat, values))
        return verdict(examine.judge(slug, seen[-1], values)) is not None

    with contextlib.suppress(AssertionError):  # the test says what it was instead
        eventually(is_told)
    return seen[-1]


def handed_in(case: Case, seat: Seat) -> Evidence:
    """Check a program."""
    path = seat.work / (f"{case.slug}.py" if case.path.suffix == ".py" else case.slug)
    path.write_bytes(case.program)
    if case.path.suffix != ".py":
        path.chmod(0o755)
    return look(case.slug, seat, case.values)


def typed(case: Case, seat: Seat, again: bool) -> Evidence:
    """Type the lines into a shell, the last one without waiting for its end, and look until it is as expected."""
    *lines, last = case.typed
    with shell(seat.home, LAB_HOME=str(seat.home)) as student, cage(case, student):
        for line in lines:
            student.enter(line)
        student.type(last)
        seen: list[Evidence] = []

        def is_as_expected() -> bool:
            seen.append(examine.observe(case.slug, seat, case.values))
            student.read()
            return is_expected(case, examine.judge(case.slug, seen[-1], case.values))

        with contextlib.suppress(AssertionError):  # the test says what it was instead
            eventually(is_as_expected)
        return look(case.slug, seat, case.values) if again else seen[-1]


def cage(case: Case, student: Shell) -> contextlib.AbstractContextManager[None]:
    """Return what keeps a bomb from harming this machine: a limit of its own, and whoever else wants the CPU first."""
    if case.slug != "fork-bomb":
        return contextlib.nullcontext()
    os.setpriority(os.PRIO_PROCESS, student.process.pid, 10)
    return caged(student.process.pid)


def outcome(results: list[Result]) -> tuple[str, str] | None:
    """Return the first result that failed, else that could not be told, and the mistake; None if all passed."""
    failed = [result for verdict in (False, None) for result in results if result["passed"] is verdict]
    return (failed[0]["name"], failed[0]["data"].get("mistake", "")) if failed else None


def is_expected(case: Case, results: list[Result]) -> bool:
    """Tell whether the first that failed is what the case says."""
    found = outcome(results)
    return found == case.fails or (found is not None and ("", found[1]) == case.fails)
