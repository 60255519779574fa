"""The class at work: a shell in a seat, who is there, all seats at once, the chat."""

import json
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial, wraps
from inspect import Signature, signature
from pathlib import Path
from typing import Any

from fabric import Config, Connection, task
from invoke.context import Context
from invoke.exceptions import Exit
from paramiko import RejectPolicy
from rich.markup import escape

from lab.fabfile.in_rooms import Style, in_one_room, in_rooms
from lab.fabfile.turn import told, turn
from lab.host import project, room
from lab.host.bringup import engine
from lab.host.classroom import drill, remote
from lab.host.classroom import status as status_of
from lab.host.classroom import transcript as transcript_file
from lab.host.command import LabError
from lab.host.enrolment import links as links_of
from lab.host.enrolment.roster import current as current_roster
from lab.host.enrolment.roster import read as read_roster
from lab.host.hosts import listing
from lab.host.ports import LOOPBACK
from lab.host.python import ROOT
from lab.host.step import console, step
from lab.language import SOURCE, tr
from lab.language import chosen as chosen_language
from lab.web.links import INSTRUCTOR

logging.getLogger("paramiko").addHandler(logging.NullHandler())  # what it says is said by us, once and for each seat


@task
@in_one_room("shell")
def shell(_: Context, seat: str = "") -> None:
    """Enter a seat: a login shell in the student's container."""
    with told():
        container = project.seat(engine.client(), seat).name or seat
        terminal = ["--interactive", *(["--tty"] if sys.stdin.isatty() else [])]
        variables = {"TERM": os.environ.get("TERM", "dumb"), "USER": seat, "LOGNAME": seat, "SHELL": "/bin/bash"}
        if (language := chosen_language()) != SOURCE:  # else it is the class's
            variables["LANG"] = f"{language}.UTF-8"
        options = [word for name, value in variables.items() for word in ("--env", f"{name}={value}")]
        os.execvp("docker", ["docker", "exec", *terminal, *options, container, "bash", "--login"])


@task
@in_rooms("status")
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
@in_rooms("links", after=listing.print_cards)
def links(_: Context, seat: str = "") -> None:
    """Write the list of the links into the class's pages, and a page to print; a named seat gets another link."""
    from lab.host.enrolment import cards  # what draws a QR code, and no other task waits for it

    with turn("links") as current:
        found = engine.client()
        seats = current_roster()
        known = [each.login for each in seats]
        if seat and seat not in (*known, INSTRUCTOR):
            raise project.no_such_seat([seat], known)
        cards.write(seats, links_of.hand_over(found, seats, seat))
        files = [path.relative_to(ROOT) for path in (links_of.LIST, cards.PAGE)]
        said = tr("{list}, and {page} to print", list=files[0], page=files[1])
        current.done(said if not seat else said + tr("; what was open by the old link of {seat} has ended", seat=seat))


@task
@in_rooms("board")
def board(_: Context) -> None:
    """Print the address of the board, which shows the whole class at work."""
    with told():
        found = engine.client()
        print(links_of.hand_over(found, current_roster())[INSTRUCTOR])
        if room.NAME and (port := links_of.loopback_port(found)):
            forward = f"{port}:{LOOPBACK}:{port}"
            print(tr("(on its host's loopback; first: ssh -N -L {forward} {ssh})", forward=forward, ssh=room.SSH))


@task
@in_rooms("transcript", style=Style.BARE)
def transcript(_: Context, seat: str = "") -> None:
    """Print who said what in the chat, as JSON lines, of all or of one seat."""
    with told(), suppress(BrokenPipeError):  # `| head` has seen enough
        for line in transcript_file.lines(engine.client(), seat):
            sys.stdout.write(line)
        sys.stdout.flush()


@task(name="drill")
@in_one_room("drill")
def drill_task(_: Context, as_json: bool = False) -> None:
    """Watch how long each seat keeps whoever knocks waiting while fork bombs go off in others, until Ctrl-C."""
    with told():
        drill.watch(engine.client(), as_json)


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
    made: Callable[..., Any] = task(in_rooms(work_of.__name__)(body))
    return made


@in_seats
def run(cmd: str = "", seconds: str = str(remote.SECONDS)) -> remote.Work:
    """Run a command in all seats, or some: exit code 1 if it failed in one, 2 if one could not be reached."""
    if not cmd:
        raise LabError(tr("Which command? CMD='…'"))
    if not seconds.replace(".", "", 1).isdecimal():
        raise LabError(tr("SECONDS={seconds} is no number of seconds.", seconds=seconds))
    return remote.run(cmd, float(seconds))


@in_seats
def put(file: str = "", to: str = "") -> remote.Work:
    """Copy a file into the homes."""
    if not file:
        raise _which_file()
    path = Path(file).expanduser()
    if not path.is_file():
        raise LabError(tr("There is no file {file!r} here: FILE=…", file=file))
    return remote.put(path, to)


@in_seats
def get(file: str = "", to: str = "") -> remote.Work:
    """Copy a file out of the homes, a folder a seat."""
    if not file:
        raise _which_file()
    return remote.get(file, Path(to or "collected").expanduser())


def _which_file() -> LabError:
    return LabError(tr("Which file? FILE=…"))


@task
@in_rooms("say", style=Style.LIVE)
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
            current.doing(tr("waiting for {count}", count=len(wanted)))
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
