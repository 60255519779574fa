"""A terminal of ours in which a program runs: what is typed, what is seen, and another size."""

import os
import select
import signal
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.eventually import PATIENCE


class Window:
    """A program on a new terminal, whose window is ours."""

    def __init__(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        size: tuple[int, int] = (24, 80),
        cwd: Path | None = None,
    ) -> None:
        self.window, theirs = os.openpty()
        self.resize(*size)  # before anybody can see another
        self.pid = os.fork()
        if self.pid == 0:
            os.login_tty(theirs)
            os.chdir(cwd or ".")
            os.execvpe(words[0], list(words), dict(environment))
        os.close(theirs)
        self.has_ended = False
        self._unseen = b""  # bytes, since a read may end inside a character

    def resize(self, rows: int, columns: int) -> None:
        termios.tcsetwinsize(self.window, (rows, columns))

    def type(self, text: str) -> None:
        os.write(self.window, text.encode())

    @property
    def shown(self) -> str:
        """What was shown after that which an earlier call has seen."""
        return self._unseen.decode(errors="replace")

    def sees(self, text: str, within: float = PATIENCE) -> str:
        """Wait until the text is shown, behind what an earlier call has seen; return all up to its end."""
        deadline = time.monotonic() + within
        while text.encode() not in self._unseen:
            readable, _, _ = select.select([self.window], [], [], max(0, deadline - time.monotonic()))
            assert readable, f"{text!r} is not in {self.shown!r}"
            self._unseen += os.read(self.window, 65536)
        seen, _, self._unseen = self._unseen.partition(text.encode())
        return seen.decode(errors="replace") + text

    def ends(self) -> int:
        """Read to the end, when nobody has the terminal open any more, and return the exit status."""
        with suppress(OSError):  # EIO: that is the end
            while data := os.read(self.window, 65536):
                self._unseen += data
        os.close(self.window)
        self.has_ended = True
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def vanish(self) -> None:
        """Be gone, as when a window is closed: the program is hung up."""
        os.close(self.window)
        assert os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]) == -signal.SIGHUP

    def kill(self) -> None:
        """End the program at once, as a laptop that is switched off."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.window)
