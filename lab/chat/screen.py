"""What is shown: the lines of the room, and on a terminal below them the line that is being typed, on one row."""

import os
import sys

from lab.chat.graphemes import graphemes, width
from lab.chat.protocol import ADMIN, clean

FRESH = "\r\x1b[K"  # the row is empty, and the cursor at its beginning
MARK, RETURN = "\x1b7", "\x1b8"  # the cursor comes back to where it was marked, whatever the terminal's idea of widths


class Screen:
    """Standard output: a terminal, or a file."""

    def __init__(self, prompt: str = "") -> None:
        self._prompt = prompt
        self._before = self._after = ""

    def say(self, line: str) -> None:
        """Show a line of the room, above what is being typed."""
        print(f"{painted(line)}\n{self._row()}", end="", flush=True)

    def show(self, before: str, after: str) -> None:
        """Show what is being typed, with the cursor in between."""
        self._before, self._after = before, after
        self.draw()

    def draw(self) -> None:
        """Draw the row anew: the window may have another size."""
        print(f"{FRESH}{self._row()}", end="", flush=True)

    def enter(self, line: str) -> None:
        """Leave a line that was typed where it is, the whole of it, and begin the next."""
        self._before = self._after = ""
        print(f"{FRESH}{self._prompt}{line}", flush=True)

    def _row(self) -> str:
        """Return as much as fits in front of the row's last column, with some of what comes behind the cursor."""
        room = columns() - 1
        ahead = min(width(self._after), room // 4)
        left = fit(graphemes(self._prompt + self._before)[::-1], room - ahead)[::-1]
        right = fit(graphemes(self._after), room - width("".join(left)))
        row = "".join(left) + (MARK + "".join(right) + RETURN if right else "")
        return row.replace("\t", " ")


def fit(characters: list[str], room: int) -> list[str]:
    """Return the first of them, as many as have room."""
    fitting = 0
    for character in characters:
        room -= width(character)
        if room < 0:
            break
        fitting += 1
    return characters[:fitting]


def columns() -> int:
    """Return how many columns the terminal has."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except OSError:
        return 80


def painted(line: str) -> str:
    """Return the line as a terminal shows it: the server's words dim, the administrator's bold."""
    line = clean(line)
    if not sys.stdout.isatty():
        return line
    if os.environ.get("NO_COLOR"):
        return FRESH + line
    if line.startswith(f"{ADMIN} : "):
        return f"{FRESH}\x1b[1;33m{line}\x1b[0m"
    if line.startswith("* ") or (line.endswith((" login", " logout")) and " : " not in line):
        return f"{FRESH}\x1b[2m{line}\x1b[0m"
    name, separator, text = line.partition(" : ")
    return f"{FRESH}\x1b[36m{name}\x1b[0m{separator}{text}"
