"""Lines from standard input: whole ones from a pipe or a file, edited ones from a terminal."""

import os
import signal
import sys
from collections import deque
from types import FrameType
from typing import NoReturn

from lab.chat.draft import END, Draft, Keys
from lab.chat.printer import Printer
from lab.chat.protocol import Fault, LineParser
from lab.chat.terminal import Terminal
from lab.language import tr

MAX_INPUT_LINE = 1 << 16  # bytes; the server says what it thinks of more than MAX_LINE
FATAL = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class EndedBySignal(BaseException):
    """A signal ends us, once the terminal is as it was."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Keyboard:
    """Lines as they come."""

    def __init__(self) -> None:
        self.is_terminal = sys.stdin.isatty()
        self.has_ended = False
        self.lines: deque[str] = deque()
        self._parser = LineParser(MAX_INPUT_LINE)
        self._number = 0

    def read(self) -> None:
        """Wait for bytes and take in their lines; the last line of a file may lack its newline."""
        try:
            data = os.read(0, 1 << 16)
        except OSError:  # EIO: the terminal is gone, or never was for a program in the background
            data = b""
        self.has_ended = not data
        if self.has_ended and self._parser.is_inside:
            data = b"\n"
        for line in self._parser.feed(data):
            self._number += 1
            if isinstance(line, Fault):
                where = tr("line {number}", number=self._number)
                print(f"chat: {where}: {line.reason}", file=sys.stderr)
            else:
                self.lines.append(line)

    def end(self) -> None:
        """Take nothing more."""
        self.has_ended = True
        self.lines.clear()

    def ask(self, prompt: str) -> str | None:
        """Return the next line, asking for it at a terminal; None at the end."""
        if self.is_terminal:
            print(prompt, end="", flush=True)
        while not self.lines and not self.has_ended:
            self.read()
        return self.lines.popleft() if self.lines else None

    def use(self, printer: Printer) -> None:
        """Know who prints, from now on; nothing that is typed is for it to show."""


class Editor(Keyboard):
    """Lines that are edited, key by key. The printer alone writes on the screen; it is told what is to be seen."""

    def __init__(self) -> None:
        super().__init__()
        self.terminal = Terminal()
        self._keys = Keys()
        self._draft = Draft()
        self._printer: Printer | None = None
        for number in FATAL:
            signal.signal(number, _end)
        signal.signal(signal.SIGTSTP, self._suspend)
        signal.signal(signal.SIGCONT, self._resume)

    def read(self) -> None:
        """Wait for keys, and take them."""
        data = os.read(0, 1 << 16)
        self.has_ended = not data
        for key in self._keys.feed(data):
            if key in "\r\n":
                self.lines.append(self._draft.enter())
                if self._printer:
                    self._printer.enter(self.lines[-1])
            elif key == END and not self._draft.text:
                self.has_ended = True
            else:
                self._draft.press(key)
        self._show()

    def ask(self, prompt: str) -> str | None:
        """Return the next line, asking for it; None at the end."""
        with Printer(None, self.terminal, prompt) as printer:
            self.use(printer)
            while not self.lines and not self.has_ended and printer.lets(0):
                self.read()
        return self.lines.popleft() if self.lines else None

    def use(self, printer: Printer) -> None:
        """Have this one show what is typed."""
        self._printer = printer
        self._show()

    def _show(self) -> None:
        if self._printer:
            self._printer.show(self._draft.before, self._draft.after)

    def _suspend(self, _number: int, _frame: FrameType | None) -> None:
        self.terminal.give_back()
        os.kill(os.getpid(), signal.SIGSTOP)

    def _resume(self, _number: int, _frame: FrameType | None) -> None:
        if self._printer and self._printer.is_there:
            self.terminal.take()


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise EndedBySignal(number)


def keyboard() -> Keyboard:
    """Return what standard input is: lines are edited where they can be shown, too."""
    can_edit = sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return Editor() if can_edit else Keyboard()
