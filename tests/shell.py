"""A shell with a terminal of its own, into which a test types as a student does."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from checks.judging.live import environment
from lab import proc
from tests.eventually import eventually

PROMPT = "forklab$ "


class Shell:
    """An interactive bash: it leads a session, and the terminal is its controlling one."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self.home = home
        self.master, slave = os.openpty()
        os.set_blocking(self.master, False)
        self._shown = b""  # bytes, since a read may end inside a character
        self.process = subprocess.Popen(
            ["setsid", "--ctty", "bash", "--noprofile", "--norc", "-i"],
            env={"PATH": os.environ["PATH"], "HOME": str(home), "PS1": PROMPT, "TERM": "dumb", **environment},
            cwd=home / "work",
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=False,
        )
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
        """Hang up, and kill whoever was started here."""
        mine = [p.pid for p in proc.snapshot().values() if p.sid == self.process.pid or self.is_home_of(p.pid)]
        for pid in {*mine, self.process.pid}:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.master)

    def is_home_of(self, pid: int) -> bool:
        """Tell whether a process was started here: it may have a session of its own by now, but keeps its home."""
        return environment(pid).get("HOME") == str(self.home)


@contextmanager
def shell(home: Path, **environment: str) -> Iterator[Shell]:
    """Open a shell in ~/work; whatever was started there is ended with it."""
    opened = Shell(home, environment)
    try:
        yield opened
    finally:
        opened.close()
