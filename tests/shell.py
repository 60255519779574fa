"""A shell with a terminal of its own, into which a test types as a student does."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from checks.judging.live import environment
from lab import proc
from tests.eventually import eventually

PROMPT = "forklab$ "
BASH = ("bash", "--noprofile", "--norc", "-i")


class Shell:
    """An interactive bash that shows PROMPT, in whatever the words start on our terminal."""

    def __init__(self, words: Sequence[str], variables: Mapping[str, str], folder: Path | None = None) -> None:
        self.master, slave = os.openpty()
        os.set_blocking(self.master, False)
        self._shown = b""  # bytes, since a read may end inside a character
        self.process = subprocess.Popen(words, env=variables, cwd=folder, stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)
        self.see(PROMPT)

    def type(self, line: str) -> None:
        """Type a line."""
        os.write(self.master, f"{line}\n".encode())

    def enter(self, line: str) -> None:
        """Type a line, and wait until the shell is ready for the next."""
        self._shown = b""
        self.type(line)
        self.see(PROMPT)

    def see(self, text: str) -> None:
        """Wait until a text is shown."""
        eventually(lambda: text in self.read())

    def read(self) -> str:
        """Return what has been shown since the last line was entered."""
        with suppress(BlockingIOError):
            self._shown += os.read(self.master, 65536)
        return self.shown

    @property
    def shown(self) -> str:
        return self._shown.decode(errors="replace")

    def close(self) -> None:
        """Be gone: who is on the terminal is hung up."""
        with suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        os.close(self.master)


@contextmanager
def shell(home: Path, **more: str) -> Iterator[Shell]:
    """Open a shell in ~/work, which leads a session; whatever was started there is ended with it."""
    variables = {"PATH": os.environ["PATH"], "HOME": str(home), "PS1": PROMPT, "TERM": "dumb", **more}
    opened = Shell(["setsid", "--ctty", *BASH], variables, home / "work")
    try:
        yield opened
    finally:
        for pid in [p.pid for p in proc.snapshot().values() if p.sid == opened.process.pid or is_home_of(p.pid, home)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        opened.close()


def is_home_of(pid: int, home: Path) -> bool:
    """Tell whether a process was started there: it may have a session of its own by now, but keeps its home."""
    return environment(pid).get("HOME") == str(home)
