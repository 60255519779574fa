"""The tasks behind `make`: each says what it does in a line, and costs nothing when it is done already."""

import json
import logging
import os
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from fabric import Config, Connection, task
from invoke.context import Context
from invoke.exceptions import Exit
from paramiko import RejectPolicy
from rich.markup import escape
from rich.table import Table

from lab.seats import (
    archive,
    base_image,
    classroom,
    engine,
    enrol,
    grading,
    images,
    keeper,
    keys,
    project,
    resets,
    snapshots,
)
from lab.seats import status as status_of
from lab.seats import transcript as transcript_file
from lab.seats.command import GENERATED, ROOT, LabError, reported
from lab.seats.packages import get_ssh
from lab.seats.roster import current as current_roster
from lab.seats.roster import read as read_roster
from lab.seats.step import console, size, step

logging.getLogger("paramiko").addHandler(logging.NullHandler())  # what it says is said by us, once and for each seat


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
def lab(context: Context, roster: str = "") -> None:
    """Bring the lab up: the server, the gate and the seats, until all are healthy."""
    path = Path(roster).expanduser() if roster else None
    with told():
        if path:
            read_roster(path)  # its faults are told before anything is done
    images_task(context)
    with told():
        found = engine.client()
        with step("seats") as current:
            project.refuse_foreign(found)
            seats = enrol.enrol(found, path)
            resets.finish(current, found)
            project.up(current, found)
            keys.hand_over(found, seats)
        for sentence in enrol.left(found) if path else []:
            console.print(f"         {escape(sentence)}", soft_wrap=True)
        _say_how_to_enter(seats[0].login)


def _say_how_to_enter(seat: str) -> None:
    port = os.environ.get("LAB_PORT") or "2222"
    console.print(f"\nEnter a seat:  [bold]make shell SEAT={seat}[/bold]")
    console.print(f"By SSH:        [bold]ssh -p {port} {seat}@{socket.gethostname()}[/bold], with the roster's key")
    console.print(f"               [bold]ssh -i .lab/instructor -p {port} {seat}@localhost[/bold]", soft_wrap=True)


@task
def shell(_: Context, seat: str = "") -> None:
    """Enter a seat: a login shell in the student's container."""
    with told():
        container = project.seat(engine.client(), seat).name or seat
        terminal = ["--interactive", *(["--tty"] if sys.stdin.isatty() else [])]
        variables = {"TERM": os.environ.get("TERM", "dumb"), "USER": seat, "LOGNAME": seat, "SHELL": "/bin/bash"}
        options = [word for name, value in variables.items() for word in ("--env", f"{name}={value}")]
        os.execvp("docker", ["docker", "exec", *terminal, *options, container, "bash", "--login"])


@task
def status(_: Context, as_json: bool = False) -> None:
    """Show the server and the seats: state, terminals, chat, processes, memory, last activity."""
    with told():
        rows = status_of.rows(engine.client())
    if as_json:
        print(json.dumps([row.to_json() for row in rows], ensure_ascii=False, indent=2))
    elif rows:
        console.print(status_of.table(rows))
    else:
        raise Exit("The lab is down: make lab brings it up.", code=1)


@task
def transcript(_: Context, seat: str = "") -> None:
    """Print who said what in the chat, as JSON lines, of all or of one seat."""
    with told(), suppress(BrokenPipeError):  # `| head` has seen enough
        for line in transcript_file.lines(engine.client(), seat):
            sys.stdout.write(line)
        sys.stdout.flush()


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
        if not yes:
            _ask_to_delete(project.homes(found), snapshots.everyone())
        with step("clean") as current:
            project.down(current, found)
            project.remove(found)
            for folder in (GENERATED, ROOT / "reports", ROOT / ".venv"):
                shutil.rmtree(folder, ignore_errors=True)
            current.done(
                "removed containers, volumes, images, .lab, reports, .venv; the engine and its base image stay"
            )


def _ask_to_delete(volumes: list[str], kept: list[str]) -> None:
    work = [*volumes, *(f"the snapshots of {seat}" for seat in kept)]
    if not work:
        return
    question = f"This deletes the work in {', '.join(work)} for good."
    if not sys.stdin.isatty():
        raise LabError(f"{question} Without a terminal to ask at, say so: make clean YES=1")
    if input(f"{question} Type yes to go on: ") != "yes":
        raise LabError("Nothing was removed.")


@task
def snapshot(_: Context, seat: str = "") -> None:
    """Keep the homes as they are now, all or one; the students may work on."""
    with told(), step("snapshot") as current:
        found = engine.client()
        resets.snapshot(current, found, _chosen(keeper.kept(found), seat, everyone=not seat))


@task(name="snapshots")
def list_snapshots(_: Context, seat: str = "", as_json: bool = False) -> None:
    """List the snapshots, the newest of each seat last."""
    kept = [one for name in snapshots.everyone() if seat in ("", name) for one in snapshots.listed(name)]
    if as_json:
        print(json.dumps([one.to_json() for one in kept], ensure_ascii=False, indent=2))
        return
    table = Table("seat", "snapshot", "taken", "size", box=None, header_style="bold")
    for one in kept:
        table.add_row(one.seat, one.name, f"{one.when.astimezone():%a %H:%M}", size(one.size))
    console.print(table if kept else "There are no snapshots.")


@task
def restart(_: Context, seat: str = "", everyone: bool = False, yes: bool = False) -> None:
    """End a seat's processes and start it again; the container and the home stay."""
    _reset("restart", seat, everyone, yes)


@task
def reset(_: Context, seat: str = "", everyone: bool = False, yes: bool = False) -> None:
    """Make a seat's container anew; the home stays."""
    _reset("reset", seat, everyone, yes)


@task
def factory(_: Context, seat: str = "", everyone: bool = False, yes: bool = False) -> None:
    """Make a seat's container and its home anew; undo brings the work back."""
    _reset("factory", seat, everyone, yes)


def _reset(kind: str, seat: str, everyone: bool, yes: bool) -> None:
    with told(), step(kind) as current:
        found = engine.client()
        resets.reset(current, found, _chosen(project.seats(found), seat, everyone), kind, unkept=yes)


@task
def undo(_: Context, seat: str = "", everyone: bool = False, snapshot: str = "") -> None:
    """Put a snapshot back, the newest or a named one; a second undo takes that back."""
    with told(), step("undo") as current:
        found = engine.client()
        resets.undo(current, found, _chosen(keeper.kept(found), seat, everyone), snapshot)


@task(name="export")
def export_class(_: Context, file: str = "") -> None:
    """Write all homes to one archive, for another machine or to look into."""
    with told(), step("export") as current:
        archive.export(current, engine.client(), file)


@task(name="import")
def import_class(_: Context, file: str = "") -> None:
    """Put an exported class's homes into the seats of the same login."""
    with told(), step("import") as current:
        archive.bring(current, engine.client(), file)


@task
def run(
    _: Context,
    cmd: str = "",
    seconds: float = classroom.SECONDS,
    seats: str = "",
    gate: str = "",
    key: str = "",
    roster: str = "",
    as_json: bool = False,
) -> None:
    """Run a command in all seats, or some: exit code 1 if it failed in one, 2 if one could not be reached."""
    with told():
        if not cmd:
            raise LabError("Which command? CMD='…'")
        _visit(classroom.run(cmd, seconds), seats, gate, key, roster, as_json)


@task
def put(
    _: Context,
    file: str = "",
    to: str = "",
    seats: str = "",
    gate: str = "",
    key: str = "",
    roster: str = "",
    as_json: bool = False,
) -> None:
    """Copy a file into the homes."""
    with told():
        if not Path(file).expanduser().is_file():
            raise LabError(f"There is no file {file!r} here: FILE=…" if file else "Which file? FILE=…")
        _visit(classroom.put(Path(file).expanduser(), to), seats, gate, key, roster, as_json)


@task
def get(
    _: Context,
    file: str = "",
    to: str = "",
    seats: str = "",
    gate: str = "",
    key: str = "",
    roster: str = "",
    as_json: bool = False,
) -> None:
    """Copy a file out of the homes, a folder a seat."""
    with told():
        if not file:
            raise LabError("Which file? FILE=…")
        _visit(classroom.get(file, Path(to or "collected").expanduser()), seats, gate, key, roster, as_json)


@task
def say(_: Context, text: str = "") -> None:
    """Send a message to everyone in the chat."""
    with told():
        console.print(escape(classroom.say(engine.client(), text)))


def _visit(work: classroom.Work, seats: str, address: str, key: str, file: str, as_json: bool) -> None:
    """Do something in each seat, show the answers, and end with their exit code. Raises LabError."""
    if address:
        gate = classroom.remote_gate(address, key)
        known = {seat.login: seat.name for seat in read_roster(Path(file).expanduser())} if file else {}
    else:
        gate = classroom.local_gate(engine.client(), key)
        known = {seat.login: seat.name for seat in current_roster()}
    wanted = classroom.chosen(seats, known)
    with step("seats") as current:
        if console.is_terminal and not as_json:
            current.doing(f"waiting for {len(wanted)}")
        answers = classroom.in_each(wanted, partial(_connection, gate), work)
    if as_json:
        rows = [{"seat": seat, "student": known.get(seat, ""), **answer.to_json()} for seat, answer in answers.items()]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        print("\n".join(classroom.lines(answers, known)))
    raise Exit(code=classroom.exit_code(answers))


def _connection(gate: classroom.Gate, seat: str) -> Connection:
    """Return a connection to a seat that is not open yet; only the gate's own host key will do."""
    connection = Connection(
        gate.host,
        user=seat,
        port=gate.port,
        connect_timeout=10,
        config=Config(overrides={"load_ssh_configs": False}),
        connect_kwargs={"key_filename": str(gate.key), "look_for_keys": False, "allow_agent": False},
    )
    connection.client.load_host_keys(str(gate.known))
    connection.client.set_missing_host_key_policy(RejectPolicy())
    return connection


def _chosen(known: Iterable[str], seat: str, everyone: bool) -> list[str]:
    """Return the seats that are meant: one, or all if that is said."""
    there = sorted(known)
    if everyone and there:
        return there
    if seat in there:
        return [seat]
    which = f"the seats are {', '.join(there)}" if there else "there are none: make lab"
    raise LabError(f"There is no seat named {seat!r}; {which}." if seat else f"Which seat? SEAT=… or ALL=1; {which}.")


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
    with told(), step("ssh") as current:
        get_ssh(current)
    lint(context)
    sys.stdout.flush()
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):  # the tests call make themselves, not as a part of this one
        os.environ.pop(name, None)
    workers = str(2 * len(os.sched_getaffinity(0)))  # half of the time a test waits for something
    distributed = ["-n", workers, "--dist", "loadfile", "--no-loadscope-reorder"]  # in the order of tests/conftest.py
    os.execv(_tool("pytest"), ["pytest", *distributed, *shlex.split(args)])


def _tool(name: str) -> str:
    return str(Path(sys.prefix, "bin", name))
