"""The project's own style, types and tests."""

import os
import shlex
import sys

from fabric import task
from invoke.context import Context
from invoke.exceptions import Exit

from lab.fabfile.bringup import images_task
from lab.fabfile.turn import told, tool
from lab.host.bringup import venv
from lab.host.bringup.packages import get_browser, get_compiler, get_ssh
from lab.host.command import see_through
from lab.host.python import ROOT
from lab.host.step import console, step
from lab.language import tr

LINTERS = ("ruff check --quiet", "ruff format --check --quiet", "mypy --no-error-summary")


@task
def lint(_: Context) -> None:
    """Check the code's style and types."""
    for command in LINTERS:
        program, *arguments = command.split()
        with told():
            code = see_through(tool(program), *arguments)
        if code:
            raise Exit(tr("{command}: see above", command=command), code=1)
    from lab.host import translation  # here, since it brings babel, which takes a tenth of any task's start

    with told():
        lacking = [sentence for name in translation.languages() for sentence in translation.lacks(name)]
    if lacking:
        raise Exit("\n".join(lacking), code=1)
    console.print("[bold]lint    [/bold]", tr("ruff and mypy have nothing to say, and no language lacks a sentence"))


@task
def soak(_: Context, minutes: str = "5") -> None:
    """Play an hour of a class's chat with faults, on a server of its own; exit code 1 if a line is lost or it grows."""
    with told():
        code = see_through(tool("python"), "-m", "tests.bench.soak", "--minutes", minutes, "--plot", ".lab/soak.svg")
    if code:
        raise Exit(code=code)


@task
def language(_: Context, name: str = "") -> None:
    """Write what there is to translate into a language; what is translated stays."""
    from lab.host import translation

    with told():
        for path in translation.write(name):
            print(path.relative_to(ROOT))


@task(name="test")
def run_tests(context: Context, args: str = "") -> None:
    """Run the project's own tests, on real processes, sockets and containers."""
    images_task(context)
    with told(), step("ssh") as current:
        get_ssh(current)
    with told(), step("gcc") as current:
        get_compiler(current)
    with told(), step("browser") as current:
        get_browser(current)
    if status := venv.add_for_tests():
        raise Exit(code=status)
    lint(context)
    sys.stdout.flush()
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):  # the tests call make themselves, not as a part of this one
        os.environ.pop(name, None)
    distributed = ["-n", "logical", "--dist", "loadfile", "--no-loadscope-reorder"]  # as tests/conftest.py orders them
    os.execv(tool("pytest"), ["pytest", *distributed, *shlex.split(args)])
