"""A CSV as people's programs write it: what is unambiguous is read, whatever the spreadsheet has left in it.

Excel ends cells with `;` where a comma is the decimal point, with a tab in its `Unicode text`, writes `sep=,` above,
and commas behind; a Chinese keyboard types `，`.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SEPARATORS = (",", ";", "\t", "，")
LEFT_OVER = " \t\r\n\u3000\xa0\ufeff\u200b"  # spaces of all kinds around a cell


class NoTableError(Exception):
    """A text is no CSV; `line` is where, the message says why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


@dataclass(frozen=True)
class Row:
    """A line that is not empty: its number, from 1, its cells without what is left over, and the line as it is."""

    line: int
    cells: tuple[str, ...]
    text: str


def decoded(data: bytes) -> str:
    """Return the text of UTF-8, with or without a mark in front, or of UTF-16 with one. Raises UnicodeDecodeError."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    return data.decode("utf-8-sig")


def rows(text: str, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows, the one with the columns' names first, if that is how it begins; see `Row`. Raises NoTableError.

    Cells are separated by what separates the names of the columns. A row that is none so is read by another separator,
    if by that it has as many cells as there are columns.
    """
    separator = _separator(text, columns)
    before = list(io.StringIO(text, newline=""))
    reader, line = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), 1
    try:
        for cells in reader:
            raw = "".join(before[line - 1 : reader.line_num]).strip("\r\n")
            found = _stripped(cells, len(columns))
            if any(found) and not _is_hint(raw):
                yield Row(line, _otherwise(raw, len(columns)) if len(found) == 1 else found, raw)
            line = reader.line_num + 1
    except csv.Error as error:
        raise NoTableError(line, str(error)) from error


def _separator(text: str, columns: Sequence[str]) -> str:
    """Return what separates the names of the columns, a comma if none does."""
    for line in text.splitlines():
        if not line.strip(LEFT_OVER + "".join(SEPARATORS)) or _is_hint(line):
            continue
        for separator in SEPARATORS:
            cells = [cell.strip(LEFT_OVER + '"').lower() for cell in line.split(separator)]
            if cells[: len(columns)] == list(columns):
                return separator
        break
    return ","


def _is_hint(line: str) -> bool:
    """Tell whether a line is what Excel writes for itself: `sep=;`."""
    return line.strip(LEFT_OVER + '"').lower().rstrip(",;") in {
        f"sep={separator}".rstrip(",;") for separator in SEPARATORS
    }


def _stripped(cells: Sequence[str], count: int) -> tuple[str, ...]:
    """Return cells without what is left over in them, and without empty ones behind those that are asked for."""
    found = [cell.strip(LEFT_OVER) for cell in cells]
    while len(found) > count and not found[-1]:
        found.pop()
    return tuple(found)


def _otherwise(line: str, count: int) -> tuple[str, ...]:
    """Return the cells of a line by the one separator that makes so many; the whole line if there is none."""
    found = [_stripped(line.split(separator), count) for separator in SEPARATORS]
    fitting = [cells for cells in found if len(cells) == count]
    return fitting[0] if len(fitting) == 1 else (line.strip(LEFT_OVER),)
