"""`make local`: one seat as plain processes in one shell, with Python alone and without isolation."""

import ctypes
import fcntl
import os
import shlex
import signal
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from lab.chat.listener import is_live
from lab.host.python import ROOT, fail, refuse_old_python
from lab.language import tr
from lab.student.program import as_given

FOLDER = ROOT / ".lab" / "local"
LONGEST = 60  # bytes of that path; there are 107 for a socket's, such as one of a student's own name in ~/work
COMMANDS = {
    "lab": "lab.student.cli",
    "chat": "lab.chat.client",
    "chat-admin": "lab.chat.admin",
    "chat-server": "lab.chat.server",
}
PR_SET_PDEATHSIG = 1  # prctl(2)


def main() -> int:
    """Run the chat server and a shell beside it; return the shell's exit code, or 2 if there is no server.

    A second one, in another terminal, is a second shell of the same lab: it takes two to chat.
    """
    if status := refuse_old_python("make local PYTHON=…"):
        return status
    (FOLDER / "home" / "work").mkdir(parents=True, exist_ok=True)
    _make_python()
    _make_commands()
    try:
        with _short_path() as folder:
            return _run(folder)
    except FileExistsError as error:
        return fail(tr("{filename} is not ours: remove it", filename=error.filename))


def _run(folder: Path) -> int:
    environment, socket = _environment(folder), folder / "chat.sock"
    if socket.exists() and is_live(socket):
        print(
            tr("forklab: this shell joins the other `make local`; the chat server ends with that one"),
            flush=True,
        )
        return _shell(environment)
    with (FOLDER / "server.log").open("ab") as log:
        server = subprocess.Popen(
            ["chat-server"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,  # Ctrl-C in the shell is not meant for it
            preexec_fn=_end_with_parent,
        )
    assert server.stdout
    if not server.stdout.readline():  # it says "ready" once it listens
        return fail(tr("the chat server did not start: {error}", error=_last_line(FOLDER / "server.log")))
    try:
        return _shell(environment)
    finally:
        server.terminate()
        server.wait()


@contextmanager
def _short_path() -> Iterator[Path]:
    """Yield FOLDER, by a short path if its own leaves no room for a socket's; the last shell removes that again.

    Raises FileExistsError if something else has its name.
    """
    if len(os.fsencode(FOLDER)) <= LONGEST:
        yield FOLDER
        return
    link = Path(f"/tmp/forklab-{os.getuid()}-{sha256(os.fsencode(FOLDER)).hexdigest()[:8]}")  # noqa: S108 (see below)
    with (FOLDER / "shells").open("w") as shells:
        fcntl.flock(shells, fcntl.LOCK_SH)
        if not os.path.lexists(link):
            link.symlink_to(FOLDER)
        if not link.is_symlink() or link.lstat().st_uid != os.getuid() or link.readlink() != FOLDER:
            raise FileExistsError(0, "", str(link))
        try:
            yield link
        finally:
            try:
                fcntl.flock(shells, fcntl.LOCK_EX | fcntl.LOCK_NB)
                link.unlink(missing_ok=True)
            except BlockingIOError:
                pass  # it is the path of another shell as well


def _end_with_parent() -> None:
    """Have the server end with us, however we do: else it would stay when the terminal is closed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _make_python() -> None:
    """Have a Python that knows the lab without being told (-I), as that of an image does; it has what this one has."""
    made_of = FOLDER / "python" / "made-of"
    want = f"{sys.base_prefix} {sys.version} {ROOT}"
    if made_of.exists() and made_of.read_text(encoding="utf-8") == want:
        return
    venv.EnvBuilder(system_site_packages=True, symlinks=True, clear=True).create(FOLDER / "python")
    [packages] = (FOLDER / "python" / "lib").glob("python3*/site-packages")
    for package in ("lab", "checks"):
        (packages / package).symlink_to(ROOT / package)
    made_of.write_text(want, encoding="utf-8")


def _make_commands() -> None:
    """Write the lab's commands, which no setting of the student's for Python reaches: they are not the student's."""
    python = shlex.quote(str(FOLDER / "python" / "bin" / "python3"))
    (FOLDER / "bin").mkdir(exist_ok=True)
    for name, module in COMMANDS.items():
        new = FOLDER / "bin" / f".{name}.{os.getpid()}"
        new.write_text(f'#!/bin/sh\nexec {python} -I -m {module} "$@"\n', encoding="utf-8")
        new.chmod(0o755)
        new.replace(FOLDER / "bin" / name)  # another shell may be running it


def _environment(folder: Path) -> dict[str, str]:
    """Put the lab's commands on PATH, and its Python first; `folder` is FOLDER by a short path."""
    return {
        **as_given(),
        "PATH": f"{folder / 'bin'}:{folder / 'python' / 'bin'}:{os.environ['PATH']}",
        "HOME": str(folder / "home"),  # so that ~/work is what the exercises say, and nobody's own home is littered
        "LAB_HOME": str(folder / "home"),
        "CHAT_SOCKET": str(folder / "chat.sock"),
        "CHAT_ADMIN": str(folder / "admin.sock"),
    }


def _shell(environment: dict[str, str]) -> int:
    """Run the user's shell; without a terminal it reads its commands from stdin."""
    if sys.stdin.isatty():
        print(_welcome(), flush=True)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the shell's, and its programs'
    restore = signal.SIG_DFL
    shell = os.environ.get("SHELL", "/bin/sh")
    return subprocess.run(
        [shell], env=environment, check=False, preexec_fn=lambda: signal.signal(signal.SIGINT, restore)
    ).returncode


def _welcome() -> str:
    return tr(
        "forklab without an engine: the chat server runs, and this is a shell of your own, with no isolation.\n"
        "  chat · chat-admin who · lab demo · lab trace CMD        exit ends it\n"
        "  lab: the exercises; your work is in ~/work, and ~ is .lab/local/home here\n"
    )


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""


if __name__ == "__main__":
    sys.exit(main())
