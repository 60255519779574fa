"""`make local`: one seat as plain processes in one shell, with Python alone and without isolation."""

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

from lab.chat.listener import is_live
from lab.language import tr
from lab.seats.venv import ROOT, fail, refuse_old_python

FOLDER = ROOT / ".lab" / "local"
SOCKET = FOLDER / "chat.sock"
PR_SET_PDEATHSIG = 1  # prctl(2)


def main() -> int:
    """Run the chat server and a shell beside it; return the shell's exit code, or 2 if there is no server.

    A second one, in another terminal, is a second shell of the same lab: it takes two to chat.
    """
    if status := refuse_old_python("make local PYTHON=…"):
        return status
    FOLDER.mkdir(parents=True, exist_ok=True)
    environment = _environment()
    if SOCKET.exists() and is_live(SOCKET):
        print(
            tr(
                "forklab: this shell joins the other `make local`; the chat server ends with that one",
                "forklab：这个 shell 加入另一个 `make local`；聊天服务器随那一个结束",
            ),
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
        return fail(f"{tr('the chat server did not start', '聊天服务器未能启动')}: {_last_line(FOLDER / 'server.log')}")
    try:
        return _shell(environment)
    finally:
        server.terminate()
        server.wait()


def _end_with_parent() -> None:
    """Have the server end with us, however we do: else it would stay when the terminal is closed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _environment() -> dict[str, str]:
    """Put the lab's commands on PATH, and this Python first."""
    (FOLDER / "home" / "work").mkdir(parents=True, exist_ok=True)
    python = FOLDER / "bin" / "python3"
    python.parent.mkdir(parents=True, exist_ok=True)
    python.unlink(missing_ok=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{python.parent}:{ROOT / 'images' / 'base' / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(FOLDER / "home"),  # so that ~/work is what the exercises say, and nobody's own home is littered
        "LAB_HOME": str(FOLDER / "home"),
        "CHAT_SOCKET": str(SOCKET),
        "CHAT_ADMIN": str(FOLDER / "admin.sock"),
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
        "  lab: the exercises; your work is in ~/work, and ~ is .lab/local/home here\n",
        "无容器引擎的 forklab：聊天服务器已经运行，这是您自己的 shell，没有隔离。\n"
        "  chat · chat-admin who · lab demo · lab trace CMD        输入 exit 结束\n"
        "  lab：练习；您的作业在 ~/work，这里的 ~ 是 .lab/local/home\n",
    )


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""


if __name__ == "__main__":
    sys.exit(main())
