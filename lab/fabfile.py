"""The tasks behind `make`: each says what it does in a line, and costs nothing when it is done already."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from fabric import task
from invoke.context import Context
from invoke.exceptions import Exit
from rich.table import Table

from lab.seats import base_image, engine, grading, images, project
from lab.seats.command import GENERATED, ROOT, LabError, reported
from lab.seats.step import console, step


@contextmanager
def told() -> Iterator[None]:
    """Turn an error into its sentence and exit code 2; Ctrl-C into 130."""
    try:
        with reported():
            yield
    except LabError as error:
        raise Exit(str(error), code=2) from error
    except KeyboardInterrupt as error:
        raise Exit("\nstopped; the same make target goes on from here", code=130) from error


@task(name="engine")
def engine_task(_: Context) -> None:
    """Install the container engine, if need be, and start it."""
    with told(), step("engine") as current:
        engine.ensure(current)


@task(name="images")
def images_task(context: Context) -> None:
    """Build the images, if what they are made of has changed."""
    engine_task(context)
    with told():
        with step("base") as current:
            base_image.ensure(current)
        with step("images") as current:
            images.ensure(current, engine.client())


@task
def lab(context: Context) -> None:
    """Bring the lab up: the server and the seats, until all are healthy."""
    images_task(context)
    with told():
        found = engine.client()
        with step("seats") as current:
            project.up(current, found)
        console.print(f"\nEnter a seat:  [bold]make shell SEAT={project.seats(found)[0]}[/bold]")


@task
def shell(_: Context, seat: str = "") -> None:
    """Enter a seat: a login shell in the student's container."""
    with told():
        container = project.seat(engine.client(), seat).name or seat
        terminal = ["--interactive", *(["--tty"] if sys.stdin.isatty() else [])]
        term = os.environ.get("TERM", "dumb")
        os.execvp("docker", ["docker", "exec", *terminal, "--env", f"TERM={term}", container, "bash", "--login"])


@task
def status(_: Context, as_json: bool = False) -> None:
    """Show the server and the seats: state, since when, processes, memory."""
    with told():
        rows = project.status(engine.client())
    if as_json:
        print(json.dumps([row.to_json() for row in rows], ensure_ascii=False, indent=2))
        return
    if not rows:
        raise Exit("The lab is down: make lab brings it up.", code=1)
    table = Table("seat", "state", "since", "processes", "memory", box=None, header_style="bold")
    for row in rows:
        colour = "green" if row.state == "healthy" else "red"
        since = datetime.fromisoformat(row.since[:19]).replace(tzinfo=UTC).astimezone()
        memory = f"{row.memory / 2**20:.1f} MiB"
        table.add_row(row.seat, f"[{colour}]{row.state}[/]", f"{since:%Y-%m-%d %H:%M:%S}", str(row.processes), memory)
    console.print(table)


@task
def check(_: Context, only: str = "", reports: str = "reports") -> None:
    """Check the running lab: exit code 0 all is as promised, 1 something is not, 2 it could not be told."""
    with told():
        places = project.places(engine.client())
    quiet = ["-q", "--no-header", "--tb=no", "--no-summary", "-p", "no:cacheprovider"]
    kept = [f"--reports={reports}", f"--junitxml={reports}/junit.xml", f"--lab-version={images.version()}"]
    chosen = ["-k", only] if only else []
    done = subprocess.run(
        [_tool("pytest"), "checks", "-n", "4", *quiet, *kept, *places, *chosen], cwd=ROOT, check=False
    )
    raise Exit(code=min(done.returncode, 2))


@task
def grade(_: Context, seats: str = "", only: str = "", evidence: str = "", reports: str = "reports") -> None:
    """Grade all exercises in all seats: exit code 0 all passed, 1 not yet, 2 something could not be told."""
    folder = Path(evidence) if evidence else Path(reports, "evidence")
    if not evidence:
        with told():
            names = [seat for seat in seats.split(",") if seat]
            slugs = [grading.slug(word) for word in only.split(",") if word]
            grading.gather(engine.client(), names, slugs, folder)
    words = [sys.executable, "-m", "checks.grading", str(folder), "--to", reports, "--only", only, "--seats", seats]
    raise Exit(code=subprocess.run(words, cwd=ROOT, check=False).returncode)


@task
def down(_: Context) -> None:
    """Stop the lab; the students' work is kept."""
    with told(), step("seats") as current:
        project.down(current, engine.client())


@task
def clean(_: Context, yes: bool = False) -> None:
    """Remove all that the lab has made, students' work too; asks first."""
    with told():
        found = engine.client()
        if (homes := project.homes(found)) and not yes:
            _ask_to_delete(homes)
        with step("clean") as current:
            project.down(current, found)
            project.remove(found)
            for folder in (GENERATED, ROOT / "reports", ROOT / ".venv"):
                shutil.rmtree(folder, ignore_errors=True)
            current.done(
                "removed containers, volumes, images, .lab, reports, .venv; the engine and its base image stay"
            )


def _ask_to_delete(homes: list[str]) -> None:
    question = f"This deletes the work in {', '.join(homes)} for good."
    if not sys.stdin.isatty():
        raise LabError(f"{question} Without a terminal to ask at, say so: make clean YES=1")
    if input(f"{question} Type yes to go on: ") != "yes":
        raise LabError("Nothing was removed.")


@task
def lint(_: Context) -> None:
    """Check the code's style and types."""
    for command in ("ruff check --quiet", "ruff format --check --quiet", "mypy --no-error-summary"):
        program, *arguments = command.split()
        done = subprocess.run([_tool(program), *arguments], cwd=ROOT, check=False)
        if done.returncode:
            raise Exit(f"{command}: see above", code=1)
    console.print("[bold]lint    [/bold] ruff and mypy have nothing to say")


@task(name="test")
def run_tests(context: Context, args: str = "") -> None:
    """Run the project's own tests, on real processes, sockets and containers."""
    images_task(context)
    lint(context)
    sys.stdout.flush()
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):  # the tests call make themselves, not as a part of this one
        os.environ.pop(name, None)
    os.execv(_tool("pytest"), ["pytest", "-n", "logical", "--dist", "loadfile", *shlex.split(args)])


def _tool(name: str) -> str:
    return str(Path(sys.prefix, "bin", name))
