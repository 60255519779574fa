"""The exercises, as a student goes through them: list, show, start, check, watch, hint; `lab` alone: where am I."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from lab import proc
from lab.exercises import EXERCISES, LIVE, NUMBERS
from lab.language import tr
from lab.student import board, place
from lab.student.home import login, progress, remember, work
from lab.student.program import become, command_of
from lab.student.seed import seed_here, values_of
from lab.student.texts import exercise, hints, skeleton, statement, title
from lab.student.usage import UsageError
from lab.trace.leader import environment_at_start

CHECKS = "checks.exercises"  # which we call by this name, and do not import
PAUSE = 0.3  # seconds between two looks for a change
MOVES = 5  # looks at work that goes on changing, until it is checked all the same
MARKS = {"passed": "✓", "started": "…", "": "·"}


def where() -> str:
    """Return where the student is, and what is next."""
    passed = [slug for slug in EXERCISES if state(slug) == "passed"]
    left = [slug for slug in EXERCISES if slug not in passed]
    here = tr(
        "Seat {login}: {passed_count} of {last} exercises passed.",
        login=login(),
        passed_count=len(passed),
        last=len(EXERCISES),
    )
    if not left:
        return here + tr(" That is all of them!")
    begun = [slug for slug in left if state(slug)]
    slug = max(begun, key=lambda slug: progress().get(slug, {}).get("started", 0)) if begun else left[0]
    number = NUMBERS[slug]
    verb = tr("go on: ") if begun else tr("next: ")
    return f"{here}\n{verb}{number} {slug}" + tr(" ({title})", title=title(slug)) + f"  →  lab show {number}"


def state(slug: str) -> str:
    """Return how far an exercise is: "passed", "started" or ""."""
    known = progress().get(slug, {})
    begun = slug not in LIVE and place.is_there(work(), slug)
    return "passed" if "passed" in known else "started" if "started" in known or begun else ""


def listing(words: Sequence[str]) -> int:
    """List the exercises: number, slug, title, state."""
    none(words, "lab list")
    width = max(map(len, EXERCISES))
    for slug in EXERCISES:
        print(f"{NUMBERS[slug]:2} {MARKS[state(slug)]} {slug:{width}}  {title(slug)}")
    print(tr("\n✓ passed   … begun   · not begun"))
    return 0


def show(words: Sequence[str]) -> int:
    """Print what an exercise asks for."""
    slug = one(words, "lab show")
    print(statement(slug, values_of(slug, seed_here())))
    return 0


def start(words: Sequence[str]) -> int:
    """Begin an exercise: put its skeleton where the student's program goes, never over anything."""
    slug = one(words, "lab start")
    begin(slug, skeleton(slug, values_of(slug, seed_here())))
    remember(slug, **{"started": round(time.time())} | progress().get(slug, {}))
    board.tell("start", slug=slug)
    return 0


def begin(slug: str, text: str | None) -> None:
    """Say where to work, having put the skeleton there."""
    unfit = why_unfit(slug)
    if unfit:
        raise UsageError(unfit)
    work().mkdir(parents=True, exist_ok=True)
    path = work() / f"{slug}.py"
    there = [name for name in (slug, path.name) if (work() / name).exists()]
    if slug in LIVE:
        print(tr("No program here: do it in the shell."))
    elif there:
        print(tr("~/work/{there} is there already; go on with it.", there=there[0]))
    elif text is None:
        print(tr("Write ~/work/{name}: it begins empty.", name=path.name))
    else:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
        print(tr("~/work/{name} is there: a beginning that is not right yet.", name=path.name))
    number = NUMBERS[slug]
    edit = "" if slug in LIVE else tr("Edit: nano ~/work/{name}   ", name=path.name)
    print(edit + tr("read: lab show {number}   check: lab check {number}", number=number))


def why_unfit(slug: str) -> str:
    """Say what is in the way of a program; "" if nothing is, or nothing but a beginning that is not finished."""
    try:
        if slug in LIVE:
            place.enter(work(), os.getuid())
        else:
            place.program(work(), slug, os.getuid())
    except place.UnfitError as error:
        is_begun = error.why in ("two-programs", "not-executable", "not-startable")
        if not is_begun and (error.why, error.detail) != ("no-program", ""):
            return place.told(slug, error.why, error.detail)
    return ""


def hint(words: Sequence[str]) -> int:
    """Print one more hint each time; with --again, those that were given."""
    again = "--again" in words
    slug = one([word for word in words if word != "--again"], "lab hint")
    found = hints(slug, values_of(slug, seed_here()))
    given = progress().get(slug, {}).get("hints", 0)
    given = given if isinstance(given, int) and 0 <= given <= len(found) else 0
    if again:
        print("\n\n".join(found[:given] or [tr("none was given yet")]))
    elif given == len(found):
        print(
            tr("There are no more; all of them: lab hint --again"),
            NUMBERS[slug],
        )
    else:
        print(tr("hint {number}/{count}", number=given + 1, count=len(found)), found[given], sep="\n\n")
        remember(slug, hints=given + 1)
        board.tell("hint", slug=slug, hints=given + 1)
    return 0


def check(words: Sequence[str]) -> NoReturn:
    """Become the check: `lab` itself is no part of it."""
    become(CHECKS, "check", *words)


def watch(words: Sequence[str]) -> int:
    """Check again whenever something changes, until it passes."""
    slug = one(words, "lab watch")
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # a check whose end nobody can wait for would count as passed
    while True:
        before = traces_of_work(slug)
        checker = subprocess.run(command_of(CHECKS, "check", slug), env=environment_at_start(), check=False)
        if checker.returncode == 0:
            return 0
        print(tr("\nwaiting for a change; Ctrl-C ends this"), flush=True)
        wait_for_change(slug, before)
        print(f"\n{'─' * 80}\n{time.strftime('%H:%M:%S')} ", end="", flush=True)


def wait_for_change(slug: str, before: object) -> None:
    """Wait until the student's work is another than before, and has come to rest, if it ever does."""
    while (now := traces_of_work(slug)) == before:
        time.sleep(PAUSE)
    for _ in range(MOVES):
        time.sleep(PAUSE)
        before, now = now, traces_of_work(slug)
        if before == now:
            return


def traces_of_work(slug: str) -> object:
    """Return what changes when the student has done something for an exercise: files, and of a live one processes."""
    if slug not in LIVE:
        return [footprint(work() / name) for name in (slug, f"{slug}.py")]
    mine = (process for process in proc.snapshot().values() if process.uid == os.getuid())
    processes = {(p.pid, p.comm, p.niceness, p.state if p.state in "TZD" else "") for p in mine}
    return processes, sorted(map(footprint, work().rglob("*")), key=str)


def footprint(path: Path) -> object:
    """Return what changes when a file is written, or another takes its place."""
    try:
        stat = path.lstat()
    except OSError:
        return None
    return path, stat.st_mode, stat.st_ino, stat.st_mtime_ns, stat.st_size


def one(words: Sequence[str], command: str) -> str:
    """Return the exercise that the words name, which must be one."""
    if len(words) != 1:
        raise UsageError(tr("which exercise? {command} N; see `lab list`", command=command))
    return exercise(words[0])


def none(words: Sequence[str], command: str) -> None:
    """Refuse words where there is nothing to say."""
    if words:
        raise UsageError(tr("use: {command}", command=command))
