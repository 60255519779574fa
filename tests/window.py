"""A terminal of ours in which a program runs: what is typed, what is seen, and another size."""

import fcntl
import os
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress


class Window:
    """A program on a new terminal, whose window is ours."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str], size: tuple[int, int] = (24, 80)) -> None:
        self.window, theirs = os.openpty()
        self.resize(*size)  # before anybody can see another
        self.pid = os.fork()
        if self.pid == 0:
            os.login_tty(theirs)
            os.execvpe(words[0], list(words), dict(environment))
        os.close(theirs)
        self.shown = ""  # and not seen yet
        self.so_far = ""  # what was shown when the last sight was seen

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self.window, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def type(self, text: str) -> None:
        os.write(self.window, text.encode())

    def sees(self, text: str, within: float = 30.0) -> None:
        """Wait until the text is shown, behind what an earlier call has seen."""
        deadline = time.monotonic() + within
        while text not in self.shown:
            readable, _, _ = select.select([self.window], [], [], max(0, deadline - time.monotonic()))
            assert readable, f"{text!r} is not in {self.shown!r}"
            self.shown += os.read(self.window, 65536).decode(errors="replace")
        self.so_far = self.shown
        self.shown = self.shown.partition(text)[2]

    def ends(self) -> int:
        """Read to the end, and return the exit status."""
        with suppress(OSError):  # EIO: the program has ended
            while data := os.read(self.window, 65536):
                self.shown += data.decode(errors="replace")
        os.close(self.window)
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
