"""What no statement forbids is right: the reference of every exercise that has a program, handed in in other ways.

Each liberty changes how the same program is stored, started or surrounded. Where the words of a statement exclude one
(`EXCLUDED`), the verdict is the mistake that is meant for it.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest

from checks.judging import examine
from checks.judging.seat import Evidence, Seat
from lab.exercises import EXERCISES, LIVE
from lab.student.seed import values_of
from tests.observed import look, observers, outcome, surroundings
from tests.solutions import SEEDS, Case, solutions
from tests.test_exercises import told

Expected = tuple[str, str] | None  # the first result that fails, and the mistake; None: all pass
Liberty = Callable[[Path, str, str], None]  # (work folder, slug, text of the program): puts the files there
PROGRAMS = [slug for slug in EXERCISES if slug not in LIVE]
SERVERS = {"local-socket", "timeout", "multiplex", "chat-room", "chat-client"}
MEGABYTE = """
import atexit, os, sys
print("to be read by nobody", file=sys.stderr)
def much(pid=os.getpid()):
    if os.getpid() == pid:
        for _ in range(16):
            os.write(1, (b"x" * 1023 + b"\\n") * 64)
much()
atexit.register(much)
"""
SPINNER = """
import atexit, os
def turn(pid=os.getpid()):
    if os.getpid() == pid:
        for n in range(40):
            os.write(1, b"\\r%d %% done" % n)
turn()
atexit.register(turn)
"""
BUFFERED = """
import sys
sys.stdout = open(1, "w", buffering=65536, closefd=False)
"""


def executable(work: Path, slug: str, text: str) -> None:
    path = work / slug
    path.write_bytes(text.encode())
    path.chmod(0o755)


def elsewhere(work: Path, text: str) -> None:
    (work / "solution.py").write_text(text)


def wrapped(work: Path, slug: str, text: str) -> None:
    """A shell that stays, and has no #!."""
    elsewhere(work, text)
    executable(work, slug, 'python3 solution.py "$@"\nexit $?\n')


def replaced(work: Path, slug: str, text: str) -> None:
    """A shell that execs, saved with a BOM and no #!; the program it becomes has options with values."""
    elsewhere(work, text)
    executable(work, slug, '\ufeff# a script\nexec python3 -W ignore -X utf8 solution.py "$@"\n')


def interpreted(work: Path, slug: str, text: str) -> None:
    """#! by env, with options; in development mode, which takes a while to start."""
    executable(work, slug, f"#!/usr/bin/env -S python3 -u -X dev\n{text}")


def windows(work: Path, slug: str, text: str) -> None:
    """CRLF and a BOM, which Python reads; it tells of itself on stderr."""
    chatter = 'import sys; print("begun", file=sys.stderr, flush=True)\n'
    (work / f"{slug}.py").write_bytes(("\ufeff" + chatter + text).replace("\n", "\r\n").encode())


def spinner(work: Path, slug: str, text: str) -> None:
    """A line that is written over again and again, by a carriage return, before all others, and one after."""
    (work / f"{slug}.py").write_text(SPINNER + text)


def buffered(work: Path, slug: str, text: str) -> None:
    """Standard output is a file of the program's own, with a buffer that only flush writes before its end."""
    (work / f"{slug}.py").write_text(BUFFERED + text)


def much(work: Path, slug: str, text: str) -> None:
    """A megabyte of other output before, and one after."""
    (work / f"{slug}.py").write_text(MEGABYTE + text)


def shebang_of_windows(work: Path, slug: str, text: str) -> None:
    """#! by env in a file with CRLF: env looks for python3 and a CR."""
    executable(work, slug, f"#!/usr/bin/env python3\n{text}".replace("\n", "\r\n"))


def body_of_windows(work: Path, slug: str, text: str) -> None:
    """A shell's script with CRLF, and no #!."""
    elsewhere(work, text)
    executable(work, slug, 'if true; then\r\npython3 solution.py "$@"\r\nfi\r\n')


def shebang_behind_a_bom(work: Path, slug: str, text: str) -> None:
    """A BOM before #!: the kernel does not see it, and a shell reads Python."""
    executable(work, slug, f"\ufeff#!/usr/bin/env python3\n{text}")


def in_utf_16(work: Path, slug: str, text: str) -> None:
    (work / f"{slug}.py").write_text(text, encoding="utf-16")


EVERYWHERE: dict[str, Liberty] = {
    "wrapped": wrapped,
    "replaced": replaced,
    "interpreted": interpreted,
    "windows": windows,
    "much": much,
    "spinner": spinner,
    "buffered": buffered,
}
SPOILT: dict[str, tuple[Liberty, str]] = {  # to its end, on a terminal, as a server: each kind once
    "shebang_of_windows": (shebang_of_windows, "crlf"),
    "body_of_windows": (body_of_windows, "crlf"),
    "shebang_behind_a_bom": (shebang_behind_a_bom, "bom"),
    "in_utf_16": (in_utf_16, "utf-16"),
}
EXCLUDED: dict[tuple[str, str], Expected] = {
    ("wrapped", "sigchld"): ("together", "not-first"),  # its statement asks for the first process
    ("wrapped", "tree"): ("shape", "count"),  # each process counts, that of a shell too
    ("much", "exit-status"): ("printed", "not-printed"),  # the last line of the output ends in the status
    ("spinner", "exit-status"): ("printed", "not-printed"),
}


def cases() -> Iterator[tuple[str, str, Expected]]:
    """Return which liberties are taken with which exercise, and what is to come of it."""
    for slug in PROGRAMS:
        for name in EVERYWHERE:
            yield name, slug, EXCLUDED.get((name, slug))
    for name, (_, mistake) in SPOILT.items():
        for slug in ("zombie", "waitpid", "timeout"):
            yield name, slug, ("started", mistake)
    for slug in ("zombie", "renice", "two-tasks"):
        yield "leftover", slug, None


def place(name: str, work: Path, slug: str) -> None:
    """Hand the reference in, with a liberty."""
    (path,) = solutions(slug, "reference.py")
    liberty = (EVERYWHERE | {key: made for key, (made, _) in SPOILT.items()}).get(name, windows)
    liberty(work, slug, Case(slug, path).solution)


@contextmanager
def earlier_try(name: str, work: Path, slug: str) -> Iterator[None]:
    """An earlier start of the same program that is still there, stopped, as in another terminal."""
    if name != "leftover":
        yield
        return
    left = subprocess.Popen(["python3", f"{slug}.py"], cwd=work, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        os.kill(left.pid, signal.SIGSTOP)
        yield
    finally:
        os.killpg(left.pid, signal.SIGKILL)
        left.wait()


def observe(name: str, slug: str, number: int) -> Evidence:
    """Put the reference into a seat of its own in another way, and look."""
    home = Path(tempfile.mkdtemp(prefix="li"))
    try:
        (home / "work").mkdir()
        place(name, home / "work", slug)
        with earlier_try(name, home / "work", slug):
            return look(slug, Seat(f"liberal{number}", home), values_of(slug, SEEDS[0]))
    finally:
        shutil.rmtree(home)


@pytest.fixture(scope="module")
def observed(request: pytest.FixtureRequest) -> Iterator[dict[tuple[str, str], Future[Evidence]]]:
    """The evidence of each case that was asked for, as it comes."""
    asked = [
        (item.callspec.params["name"], item.callspec.params["slug"])
        for item in request.session.items
        if getattr(item, "module", None) is request.module and hasattr(item, "callspec")
    ]
    with surroundings(), observers() as pool:
        yield {case: pool.submit(observe, *case, number) for number, case in enumerate(asked)}
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize(("name", "slug", "expected"), [pytest.param(*c, id=f"{c[1]}-{c[0]}") for c in cases()])
def test_a_liberty_is_taken(
    name: str, slug: str, expected: Expected, observed: dict[tuple[str, str], Future[Evidence]]
) -> None:
    results = examine.judge(slug, observed[name, slug].result(), values_of(slug, SEEDS[0]))
    assert outcome(results) == expected, told(results)
