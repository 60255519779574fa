"""The one place that runs the host's programs, and the errors that it brings back."""

import os
import shlex
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from docker.errors import APIError
from requests import ConnectionError as NotConnectedError
from requests import Timeout

from lab.host import owner, room, settings
from lab.host.python import ROOT
from lab.language import tr

GENERATED = room.FOLDER
KEPT_LINES = 12  # of a failed command's output, for its error
ANSWER_SECONDS = 60.0  # for what is only asked; an engine that hangs is one that does not answer
CHUNK = 2**18


class LabError(Exception):
    """What went wrong and what to do, in a sentence for the instructor; the exit code is 2."""


class CommandError(LabError):
    """A command failed: its words, its exit code and the end of what it printed."""

    def __init__(self, command: Sequence[str], code: int, output: str) -> None:
        self.code = code
        self.output = output.strip()
        ended = tr("`{command}` ended with {code}:", command=shlex.join(command), code=code)
        super().__init__(f"{ended}\n{self.output}{_advice(output)}")


@contextmanager
def reported() -> Iterator[None]:
    """Turn what the system or the engine refuses, a full disk above all, into a LabError."""
    try:
        yield
    except (NotConnectedError, Timeout) as error:
        raise LabError(_engine_is_gone()) from error
    except PermissionError as error:
        path = Path(str(error.filename or ""))
        if not path.is_relative_to(ROOT):
            raise LabError(str(error)) from error
        raise LabError(owner.take_over(path.relative_to(ROOT))) from error
    except OSError as error:
        said = error.explanation if isinstance(error, APIError) and error.explanation else str(error)
        raise LabError(f"{said}{_advice(said)}") from error


def _engine_is_gone() -> str:
    if room.NAME:
        return tr(
            "The engine of {address} does not answer any more: see that the host is up and can be reached; then the "
            "same make target goes on.",
            address=room.ADDRESS,
        )
    return tr("The container engine does not answer any more: make lab starts it; then the same make target goes on.")


def _advice(output: str) -> str:
    """Say what to do about what has gone wrong, where that is known."""
    output = output.lower()
    if "no space left on device" in output:
        return "\n" + tr(
            "The disk is full. `docker system df` shows what the engine holds, `docker system prune` frees what "
            "nothing uses; then the same make target goes on where it stopped."
        )
    if "cannot connect to the docker daemon" in output:
        return f"\n{_engine_is_gone()}"
    if "port is already allocated" in output or "address already in use" in output:
        return "\n" + tr(
            "Another program of this machine has the gate's port, or the pages'. Take another one: make lab "
            "LAB_PORT=2022, make lab LAB_WEB_PORT=8090"
        )
    if "address pool" in output:
        return "\n" + tr(
            "All of the addresses that the engine may give to networks are taken, and the gate needs a network. "
            "`docker network prune` removes those that nothing uses; or give the engine more (default-address-pools "
            "in /etc/docker/daemon.json). Then the same make target goes on."
        )
    if room.NAME and "/run/forklab" in output:
        return "\n" + tr("The host was started anew, and then a room waits for you: make lab.")
    if 'mounting "sysfs"' in output:
        return "\n" + tr(
            "This engine has userns-remap, with which no images can be built, and `sudo nice` gets nobody below "
            "zero. Take it out of /etc/docker/daemon.json; or bring the images here with `docker save` and `docker "
            "load`."
        )
    return ""


def answer(*command: str, is_checked: bool = True) -> str | None:
    """Return what a command prints on stdout, stripped; None if there is none, it hangs, or (checked) it fails."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=ANSWER_SECONDS,
            env=settings.environment(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if is_checked and done.returncode else done.stdout.strip()


def stream(command: Sequence[str], log: Path, show: Callable[[str], None]) -> None:
    """Run a command, each of its lines to the log and to `show`. Raises CommandError."""
    last: deque[str] = deque(maxlen=KEPT_LINES)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(f"$ {shlex.join(command)}\n")
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                cwd=ROOT,
                env={**settings.environment(), "DEBIAN_FRONTEND": "noninteractive"},
            )
        except OSError as error:
            raise CommandError(command, 127, str(error)) from error
        with process:
            assert process.stdout
            for line in process.stdout:
                file.write(line)
                last.append(line)
                show(line.strip())
    if process.returncode:
        raise CommandError(command, process.returncode, "".join(last))


def see_through(*command: str, environment: Mapping[str, str] = os.environ) -> int:
    """Run a command that shares the terminal, and return its exit code; after Ctrl-C, which it gets too, see it end.

    Else what it says last would come after what is said of it.
    """
    with subprocess.Popen(command, cwd=ROOT, env={**environment, "PYTHONWARNINGS": "ignore"}) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.wait()
            raise


def pipe(
    command: Sequence[str], source: IO[bytes] | None = None, take: Callable[[bytes], None] = lambda _: None
) -> tuple[int, str]:
    """Run a command on a file's bytes, each piece of its output to `take`; return its exit code and its errors.

    It has a session of its own, so that Ctrl-C is ours alone; what is raised here (a full disk in `take`) ends it.
    """
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command,
            stdin=source or subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
        with process:
            assert process.stdout
            try:
                while piece := os.read(process.stdout.fileno(), CHUNK):
                    take(piece)
                code = process.wait()
            except BaseException:
                process.kill()
                raise
        errors.seek(0)
        return code, errors.read(CHUNK).decode(errors="replace").strip()
