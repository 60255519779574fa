"""The terminal's modes: keys come one by one and unechoed while a line is edited, and all is as it was otherwise."""

import os
import termios
from contextlib import suppress

LOCAL_MODES, CHARACTERS = 3, 6  # where they are in what tcgetattr returns, termios(3)


class Terminal:
    """Standard input, which is a terminal."""

    def __init__(self) -> None:
        self._before = termios.tcgetattr(0)
        self._taken = termios.tcgetattr(0)
        self._taken[LOCAL_MODES] &= ~(termios.ICANON | termios.ECHO)  # Ctrl-C and Ctrl-Z remain signals
        self._taken[CHARACTERS][termios.VMIN] = 1
        self._taken[CHARACTERS][termios.VTIME] = 0

    def take(self) -> None:
        """Have the keys one by one, from now on."""
        with suppress(termios.error):  # hung up; or in the background, where the kernel stops us until the next SIGCONT
            termios.tcsetattr(0, termios.TCSANOW, self._taken)
            self._taken = termios.tcgetattr(0)

    def give_back(self) -> None:
        """Put the modes back; not if somebody else has the terminal or has set it, such as the shell that we leave."""
        with suppress(termios.error):  # hung up
            if _is_ours() and termios.tcgetattr(0) == self._taken:
                termios.tcsetattr(0, termios.TCSANOW, self._before)


def _is_ours() -> bool:
    """Tell whether we are in the foreground, or nobody is: the session's leader has ended."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return True
