"""The tasks behind `make`: each says what it does in a line, and costs nothing when it is done already."""

import json
import logging
import os
import shlex
import shutil
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial, wraps
from inspect import Signature, signature
from pathlib import Path
from typing import Any

import docker
from fabric import Config, Connection, task
from invoke.context import Context
from invoke.exceptions import Exit
from paramiko import RejectPolicy
from rich.markup import escape
from rich.table import Table

from lab.host import owner, project, settings
from lab.host.bringup import base_image, engine, images
from lab.host.bringup.packages import get_compiler, get_ssh
from lab.host.classroom import drill, gathering, remote
from lab.host.classroom import status as status_of
from lab.host.classroom import transcript as transcript_file
from lab.host.command import GENERATED, ROOT, LabError, reported, see_through
from lab.host.enrolment import enrol, host_key, keys
from lab.host.enrolment.roster import Seat
from lab.host.enrolment.roster import current as current_roster
from lab.host.enrolment.roster import read as read_roster
from lab.host.keeping import archive, keeper, resets, snapshots
from lab.host.lock import locked
from lab.host.step import Step, console, size, step
from lab.language import chosen as chosen_language
from lab.language import tr
from lab.student.texts import exercise
from lab.student.usage import UsageError

logging.getLogger("paramiko").addHandler(logging.NullHandler())  # what it says is said by us, once and for each seat


@contextmanager
def told() -> Iterator[None]:
    """Turn an error into its sentence and exit code 2; Ctrl-C into 130."""
    try:
        with reported():
            yield
    except (LabError, UsageError, settings.SettingError) as error:
        raise Exit(str(error), code=2) from error
    except KeyboardInterrupt as error:
        stopped = tr(
            "stopped; nothing is lost: run the same make target again",
            "已停止；没有丢失任何东西：请再次运行同一个 make 目标",
        )
        raise Exit(f"\n{stopped}", code=130) from error


@contextmanager
def turn(name: str, *, shared: bool = False) -> Iterator[Step]:
    """Open a step while no other make is at work in this folder, or (shared) only those that see to single seats."""

    def wait() -> None:
        console.print(tr("another make is at work here: waiting for it …", "另一个 make 正在这里运行：等待它完成 …"))

    with told(), locked(ROOT, wait, shared=shared), step(name) as current:
        try:
            yield current
        finally:
            owner.give_back(ROOT, GENERATED.name)


def _ours() -> docker.DockerClient:
    """Return a client to the engine, on which the lab of this name is this folder's or nobody's. Raises LabError."""
    found = engine.client()
    project.refuse_foreign(found)
    return found


@task(name="engine")
def engine_task(_: Context) -> None:
    """Install the container engine, if need be, and start it."""
    with turn("engine") as current:
        engine.ensure(current)


@task(name="images")
def images_task(context: Context) -> None:
    """Build the images, if what they are made of has changed."""
    engine_task(context)
    with turn("base") as current:
        base_image.ensure(current)
    with turn("images") as current:
        images.ensure(current, engine.client())


@task
def lab(context: Context, roster: str = "", packages: str = "") -> None:
    """Bring the lab up: the server, the gate and the seats, until all are healthy."""
    path = Path(roster).expanduser() if roster else None
    with told():
        if packages:
            os.environ["LAB_PACKAGES"] = "" if packages == "none" else " ".join(packages.replace(",", " ").split())
        if path:
            read_roster(path)  # its faults are told before anything is done
        settings.told()  # so are theirs
    images_task(context)
    with turn("seats") as current:
        found = _ours()
        is_first = not project.homes(found)
        seats = enrol.enrol(found, path)
        resets.finish(current, found)
        project.up(current, found)
        host_key.settle(current, found)
        keys.hand_over(found, seats)
        for sentence in enrol.left(found) if path else []:
            console.print(f"         {escape(sentence)}", soft_wrap=True)
        if is_first:
            unbounded = tr(
                "nothing bounds the homes but the disk: make status shows how large each is",
                "主目录的大小只受磁盘限制：make status 显示每个有多大",
            )
            console.print(f"         {unbounded}", soft_wrap=True)
        _say_how_to_enter(seats, project.port(found))


def _say_how_to_enter(seats: Sequence[Seat], port: int) -> None:
    one = seats[0].login
    print(tr("\nEnter a seat:", "\n进入座位："))
    console.print(f"  [bold]make shell SEAT={one}[/bold]")
    if with_key := next((seat.login for seat in seats if seat.key), ""):
        theirs = tr("with the student's key", "用学生的密钥")
        console.print(f"  [bold]ssh -p {port} {with_key}@{socket.gethostname()}[/bold]   {theirs}", soft_wrap=True)
    only = "-o IdentitiesOnly=yes -i .lab/instructor"  # an agent that has many keys would offer all of them first
    console.print(f"  [bold]ssh {only} -p {port} {one}@localhost[/bold]", soft_wrap=True)


@task
def shell(_: Context, seat: str = "") -> None:
    """Enter a seat: a login shell in the student's container."""
    with told():
        container = project.seat(engine.client(), seat).name or seat
        terminal = ["--interactive", *(["--tty"] if sys.stdin.isatty() else [])]
        variables = {"TERM": os.environ.get("TERM", "dumb"), "USER": seat, "LOGNAME": seat, "SHELL": "/bin/bash"}
        if chosen_language() == "zh":  # else it is the class's
            variables["LANG"] = "zh_CN.UTF-8"
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
        raise Exit(str(project.is_down()), code=1)


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
    quiet = ["-q", "--no-header", "--tb=no", "--no-summary", "-p", "no:cacheprovider"]
    kept = [f"--reports={reports}", f"--junitxml={reports}/junit.xml", f"--lab-version={images.version()}"]
    chosen = ["-k", only] if only else []
    with told():
        places = project.places(engine.client())
        code = see_through(_tool("pytest"), "checks", "-n", "4", *quiet, *kept, *places, *chosen)
    raise Exit(code=code if code in (0, 1) else 2)


@task
def grade(_: Context, seats: str = "", only: str = "", evidence: str = "", reports: str = "reports") -> None:
    """Grade all exercises in all seats: exit code 0 all passed, 1 not yet, 2 something could not be told."""
    folder = Path(evidence) if evidence else Path(reports, "evidence")
    options = ["--lab-version", images.version(), "--to", reports, "--only", only, "--seats", seats]
    with told():
        if not evidence:
            names = [seat for seat in seats.split(",") if seat]
            slugs = [exercise(word) for word in only.split(",") if word]
            gathering.gather(engine.client(), names, slugs, folder)
        code = see_through(sys.executable, "-m", "checks.grading", str(folder), *options)
    raise Exit(code=code)


@task(name="drill")
def drill_task(_: Context, as_json: bool = False) -> None:
    """Watch how long each seat keeps whoever knocks waiting while fork bombs go off in others, until Ctrl-C."""
    with told():
        drill.watch(engine.client(), as_json)


@task
def down(_: Context) -> None:
    """Stop the lab; the students' work is kept."""
    with turn("seats") as current:
        _ours()
        project.down(current)


@task
def clean(_: Context, yes: bool = False) -> None:
    """Remove all that the lab has made, students' work too; asks first."""
    with told():
        if not yes:
            _ask_to_delete(project.homes(engine.client()), snapshots.everyone())
    with turn("clean") as current:
        found = _ours()
        project.stop(current)
        keeper.stop_all(found)  # what a killed make has left at work on a home
        project.remove(found)
        for folder in (GENERATED, ROOT / "reports", ROOT / ".venv"):
            if folder.is_dir() and not folder.is_symlink():  # who has made a link has what is behind it elsewhere too
                shutil.rmtree(folder)
        current.done(
            tr(
                "removed containers, volumes, images, .lab, reports, .venv; the engine and its base image stay, "
                f"and in {host_key.where()} the gate's host key, so that nobody who comes back is warned of another",
                "已删除容器、卷、映像、.lab、reports、.venv；引擎及其基础映像保留，入口的主机密钥保留在 "
                f"{host_key.where()}，这样再次登录的人不会收到警告",
            )
        )


def _ask_to_delete(volumes: list[str], kept: list[str]) -> None:
    work = [*volumes, *(tr(f"the snapshots of {seat}", f"{seat} 的快照") for seat in kept)]
    if not work:
        return
    names = ", ".join(work)
    question = tr(f"This deletes the work in {names} for good.", f"这会永久删除 {names} 中的作业。")
    if not sys.stdin.isatty():
        how = tr(
            "Without a terminal to ask at, say so: make clean YES=1", "没有终端可以询问，请明确说明：make clean YES=1"
        )
        raise LabError(f"{question} {how}")
    print(question, tr("Type yes to go on:", "输入 yes 继续："), end=" ", flush=True)
    if sys.stdin.readline() != "yes\n":
        raise LabError(tr("Nothing was removed.", "未删除任何内容。"))


@task
def snapshot(_: Context, seat: str = "") -> None:
    """Keep the homes as they are now, all or one; the students may work on."""
    with turn("snapshot", shared=True) as current:
        found = _ours()
        resets.snapshot(current, found, _chosen(keeper.kept(found), seat, everyone=not seat))


@task(name="snapshots")
def list_snapshots(_: Context, seat: str = "", as_json: bool = False) -> None:
    """List the snapshots, the newest of each seat last."""
    kept = [one for name in snapshots.everyone() if seat in ("", name) for one in snapshots.listed(name)]
    if as_json:
        print(json.dumps([one.to_json() for one in kept], ensure_ascii=False, indent=2))
        return
    heads = [tr("seat", "座位"), tr("snapshot", "快照"), tr("taken", "时间"), tr("size", "大小")]
    table = Table(*heads, box=None, header_style="bold")
    for one in kept:
        table.add_row(one.seat, one.name, f"{one.when.astimezone():%a %H:%M}", size(one.size))
    console.print(table if kept else tr("There are no snapshots.", "没有快照。"))


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
    with turn(kind, shared=True) as current:
        found = _ours()
        resets.reset(current, found, _chosen(project.seats(found), seat, everyone), kind, unkept=yes)


@task
def undo(_: Context, seat: str = "", everyone: bool = False, snapshot: str = "") -> None:
    """Put a snapshot back, the newest or a named one; a second undo takes that back."""
    with turn("undo", shared=True) as current:
        found = _ours()
        resets.undo(current, found, _chosen(keeper.kept(found), seat, everyone), snapshot)


@task(name="export")
def export_class(_: Context, file: str = "") -> None:
    """Write all homes to one archive, for another machine or to look into."""
    with turn("export") as current:
        archive.export(current, _ours(), file)


@task(name="import")
def import_class(_: Context, file: str = "") -> None:
    """Put an exported class's homes into the seats of the same login."""
    with turn("import") as current:
        archive.bring(current, _ours(), file)


def in_seats(work_of: Callable[..., remote.Work]) -> Callable[..., Any]:
    """Make a task of what says which work is to be done in a seat; its options go on with those that say where."""

    @wraps(work_of)
    def body(
        _: Context,
        seats: str = "",
        gate: str = "",
        key: str = "",
        roster: str = "",
        as_json: bool = False,
        **options: Any,
    ) -> None:
        with told():
            _visit(work_of(**options), seats, gate, key, roster, as_json)

    context, *where = signature(body, follow_wrapped=False).parameters.values()
    named = [*signature(work_of).parameters.values(), *where[:-1]]
    body.__signature__ = Signature([context, *named])  # type: ignore[attr-defined]  # fabric makes the options from it
    made: Callable[..., Any] = task(body)
    return made


@in_seats
def run(cmd: str = "", seconds: str = str(remote.SECONDS)) -> remote.Work:
    """Run a command in all seats, or some: exit code 1 if it failed in one, 2 if one could not be reached."""
    if not cmd:
        raise LabError(tr("Which command? CMD='…'", "哪个命令？CMD='…'"))
    if not seconds.replace(".", "", 1).isdecimal():
        raise LabError(tr(f"SECONDS={seconds} is no number of seconds.", f"SECONDS={seconds} 不是秒数。"))
    return remote.run(cmd, float(seconds))


@in_seats
def put(file: str = "", to: str = "") -> remote.Work:
    """Copy a file into the homes."""
    if not file:
        raise _which_file()
    path = Path(file).expanduser()
    if not path.is_file():
        raise LabError(tr(f"There is no file {file!r} here: FILE=…", f"这里没有文件 {file!r}：FILE=…"))
    return remote.put(path, to)


@in_seats
def get(file: str = "", to: str = "") -> remote.Work:
    """Copy a file out of the homes, a folder a seat."""
    if not file:
        raise _which_file()
    return remote.get(file, Path(to or "collected").expanduser())


def _which_file() -> LabError:
    return LabError(tr("Which file? FILE=…", "哪个文件？FILE=…"))


@task
def say(_: Context, text: str = "") -> None:
    """Send a message to everyone in the chat."""
    with told():
        console.print(escape(remote.say(engine.client(), text)))


def _visit(work: remote.Work, seats: str, address: str, key: str, file: str, as_json: bool) -> None:
    """Do something in each seat, show the answers, and end with their exit code. Raises LabError."""
    if address:
        gate = remote.remote_gate(address, key)
        known = {seat.login: seat.name for seat in read_roster(Path(file).expanduser())} if file else {}
    else:
        gate = remote.local_gate(engine.client(), key)
        known = {seat.login: seat.name for seat in current_roster()}
    wanted = remote.chosen(seats, known)
    with step("seats") as current:
        if console.is_terminal and not as_json:
            current.doing(tr(f"waiting for {len(wanted)}", f"等待 {len(wanted)} 个座位"))
        answers = remote.in_each(wanted, partial(_connection, gate), work)
    if as_json:
        rows = [{"seat": seat, "student": known.get(seat, ""), **answer.to_json()} for seat, answer in answers.items()]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        print("\n".join(remote.lines(answers, known)))
    raise Exit(code=remote.exit_code(answers))


def _connection(gate: remote.Gate, seat: str) -> Connection:
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
    raise project.no_such_seat([seat] if seat else [], there, tr("SEAT=… or ALL=1", "SEAT=… 或 ALL=1"))


@task
def lint(_: Context) -> None:
    """Check the code's style and types."""
    for command in ("ruff check --quiet", "ruff format --check --quiet", "mypy --no-error-summary"):
        program, *arguments = command.split()
        with told():
            code = see_through(_tool(program), *arguments)
        if code:
            raise Exit(tr(f"{command}: see above", f"{command}：见上"), code=1)
    console.print("[bold]lint    [/bold]", tr("ruff and mypy have nothing to say", "ruff 和 mypy 没有意见"))


@task(name="test")
def run_tests(context: Context, args: str = "") -> None:
    """Run the project's own tests, on real processes, sockets and containers."""
    images_task(context)
    with told(), step("ssh") as current:
        get_ssh(current)
    with told(), step("gcc") as current:
        get_compiler(current)
    lint(context)
    sys.stdout.flush()
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):  # the tests call make themselves, not as a part of this one
        os.environ.pop(name, None)
    distributed = ["-n", "logical", "--dist", "loadfile", "--no-loadscope-reorder"]  # as tests/conftest.py orders them
    os.execv(_tool("pytest"), ["pytest", *distributed, *shlex.split(args)])


def _tool(name: str) -> str:
    return str(Path(sys.prefix, "bin", name))
