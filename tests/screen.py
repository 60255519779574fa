"""What a terminal's screen shows after the bytes so far: as much of ECMA-48 as our programs use, no more."""

import re
import unicodedata

PIECE = re.compile("\x1b\\[([0-9;?]*)([A-Za-z])|\x1b([78])|([\r\n\b\x07])|([^\x1b])", re.DOTALL)


class Emulator:
    """A screen of so many rows and columns. A wide character has two cells, a combining one goes with that before."""

    def __init__(self, rows: int, columns: int) -> None:
        self.rows, self.columns = rows, columns
        self.cells = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0
        self.marked = (0, 0)
        self.rest = ""

    def feed(self, text: str) -> None:
        """Show what a program writes; a sequence may come in pieces."""
        text, at = self.rest + text, 0
        while found := PIECE.match(text, at):
            at = found.end()
            numbers, command, cursor, control, character = found.groups()
            if command:
                self.obey(command, numbers)
            elif cursor == "7":
                self.marked = (self.row, self.column)
            elif cursor == "8":
                self.row, self.column = self.marked
            elif control:
                self.control(control)
            else:
                self.put(character)
        self.rest = text[at:]
        assert len(self.rest) < 20, f"not understood: {self.rest!r}"

    def obey(self, command: str, numbers: str) -> None:
        if command == "K":
            self.cells[self.row][self.column :] = [" "] * (self.columns - self.column)
        elif command == "J":
            self.obey("K", "")
            for row in range(self.row + 1, self.rows):
                self.cells[row] = [" "] * self.columns
        else:
            assert command in "mhl", f"not understood: {numbers}{command}"

    def control(self, control: str) -> None:
        if control == "\r":
            self.column = 0
        elif control == "\b":
            self.column = max(0, self.column - 1)
        elif control == "\n":
            self.feed_line()

    def feed_line(self) -> None:
        self.row += 1
        if self.row == self.rows:
            self.cells = [*self.cells[1:], [" "] * self.columns]
            self.row -= 1

    def put(self, character: str) -> None:
        wide = unicodedata.east_asian_width(character) in "WF"
        if unicodedata.category(character) in ("Mn", "Me", "Cf"):
            self.cells[self.row][max(0, self.column - 1)] += character
            return
        if self.column + 1 + wide > self.columns:
            self.column = 0
            self.feed_line()
        self.cells[self.row][self.column : self.column + 1 + wide] = [character, *[""] * wide]
        self.column += 1 + wide

    def resize(self, columns: int) -> None:
        """Have other columns, as xterm has: what does not fit is cut off."""
        self.cells = [(row + [" "] * columns)[:columns] for row in self.cells]
        self.columns = columns
        self.column = min(self.column, columns - 1)

    @property
    def lines(self) -> list[str]:
        """The rows that are not empty."""
        return [line for line in ("".join(row).rstrip() for row in self.cells) if line]

    @property
    def left(self) -> str:
        """What stands in the cursor's row before the cursor."""
        return "".join(self.cells[self.row][: self.column])
