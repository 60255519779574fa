"""The line that is being typed, and what the keys do to it. Nothing here knows how it is shown (`screen`)."""

import codecs
import re
from collections.abc import Callable, Iterator

from lab.chat.graphemes import graphemes
from lab.chat.protocol import clean

MAX_TYPED = 4096  # characters; the server says what it thinks of so long a line
KEY = re.compile("\x1b\\[[0-?]*[ -/]*[@-~]|\x1bO[ -~]|\x1b[^\x1b[O]|[^\x1b]")  # ECMA-48; xterm's keys
UNFINISHED = re.compile("\x1b(?:\\[[0-?]*[ -/]*|O)?$")
END = "\x04"  # Ctrl-D


class Keys:
    """Cuts the bytes of a terminal into keys, whatever the pieces they come in."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("ignore").decode
        self._rest = ""

    def feed(self, data: bytes) -> Iterator[str]:
        """Yield each key that the bytes so far complete: a character, or an escape sequence."""
        text = self._rest + self._decode(data)
        found = UNFINISHED.search(text)
        self._rest = found[0] if found else ""
        yield from KEY.findall(text.removesuffix(self._rest))


class Draft:
    """A line with a cursor between `before` and `after`, and the lines that were typed earlier."""

    def __init__(self) -> None:
        self.before = self.after = ""
        self._earlier: list[str] = []
        self._number = 0  # of the line that is shown: an earlier one, or the new one behind them
        self._new = ""

    @property
    def text(self) -> str:
        """The whole line."""
        return self.before + self.after

    def press(self, key: str) -> None:
        """Take one key."""
        if key in KEYS:
            KEYS[key](self)
        elif not key.startswith("\x1b") and len(self.text) < MAX_TYPED:
            self.before += clean(key)

    def enter(self) -> str:
        """Return the line, and begin the next."""
        line = self.text
        if line.strip() and self._earlier[-1:] != [line]:
            self._earlier.append(line)
        self.before = self.after = self._new = ""
        self._number = len(self._earlier)
        return line

    def left(self) -> None:
        """Go one character to the left."""
        *rest, last = graphemes(self.before) or [""]
        self.before, self.after = "".join(rest), last + self.after

    def right(self) -> None:
        """Go one character to the right."""
        first, *rest = graphemes(self.after) or [""]
        self.before, self.after = self.before + first, "".join(rest)

    def home(self) -> None:
        """Go to the beginning."""
        self.before, self.after = "", self.text

    def end(self) -> None:
        """Go to the end."""
        self.before, self.after = self.text, ""

    def rub_out(self) -> None:
        """Remove the character before the cursor."""
        self.before = "".join(graphemes(self.before)[:-1])

    def delete(self) -> None:
        """Remove the character behind the cursor."""
        self.after = "".join(graphemes(self.after)[1:])

    def delete_word(self) -> None:
        """Remove the word before the cursor."""
        self.before = re.sub(r"\S*\s*$", "", self.before)

    def delete_before(self) -> None:
        """Remove all before the cursor."""
        self.before = ""

    def delete_after(self) -> None:
        """Remove all behind the cursor."""
        self.after = ""

    def earlier(self) -> None:
        """Show the line that was typed before the one that is shown."""
        self._show(max(0, self._number - 1))

    def later(self) -> None:
        """Show the line that was typed after the one that is shown."""
        self._show(min(len(self._earlier), self._number + 1))

    def _show(self, number: int) -> None:
        if self._number == len(self._earlier):
            self._new = self.text
        if number != self._number:
            self._number = number
            self.before, self.after = [*self._earlier, self._new][number], ""


KEYS: dict[str, Callable[[Draft], None]] = {
    **dict.fromkeys(("\x1b[D", "\x1bOD", "\x02"), Draft.left),
    **dict.fromkeys(("\x1b[C", "\x1bOC", "\x06"), Draft.right),
    **dict.fromkeys(("\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~", "\x01"), Draft.home),
    **dict.fromkeys(("\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~", "\x05"), Draft.end),
    **dict.fromkeys(("\x1b[A", "\x1bOA", "\x10"), Draft.earlier),
    **dict.fromkeys(("\x1b[B", "\x1bOB", "\x0e"), Draft.later),
    **dict.fromkeys(("\x7f", "\x08"), Draft.rub_out),
    **dict.fromkeys(("\x1b[3~", END), Draft.delete),
    "\x17": Draft.delete_word,  # Ctrl-W
    "\x15": Draft.delete_before,  # Ctrl-U
    "\x0b": Draft.delete_after,  # Ctrl-K
}
