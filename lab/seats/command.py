"""The one place that runs the host's programs, and the errors that it brings back."""

import os
import shlex
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
GENERATED = ROOT / ".lab"
KEPT_LINES = 12  # of a failed command's output, for its error
CHUNK = 2**18


class LabError(Exception):
    """What went wrong and what to do, in a sentence for the instructor; the exit code is 2."""


class CommandError(LabError):
    """A command failed: its words, its exit code and the end of what it printed."""

    def __init__(self, command: Sequence[str], code: int, output: str) -> None:
        self.code = code
        self.output = output.strip()
        super().__init__(f"`{shlex.join(command)}` ended with {code}:\n{self.output}{_advice(output)}")


@contextmanager
def reported() -> Iterator[None]:
    """Turn what the system itself refuses, a full disk above all, into a LabError."""
    try:
        yield
    except OSError as error:
        raise LabError(f"{error}{_advice(str(error))}") from error


def _advice(output: str) -> str:
    if "no space left on device" in output.lower():
        return (
            "\nThe disk is full. `docker system df` shows what the engine holds, `docker system prune` frees what "
            "nothing uses; then the same make target goes on where it stopped."
        )
    return ""


def answer(*command: str, is_checked: bool = True) -> str | None:
    """Return what a command prints on stdout, stripped; None if it is not there, or (checked) if it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    except OSError:
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
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
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
