"""A page: the lines that one round of the server's loop has to deliver, in the order that is everybody's.

It is written to each reader at once, with one system call, however many lines have come meanwhile: under load, that is
what a line costs. Alone, a line is a page too, and waits for nothing.
"""

from typing import Generic, TypeVar

from lab.chat.outbox import Line

Reader = TypeVar("Reader")

MOST_BYTES = 1 << 16  # then it is turned within a round, so that nobody's queue is filled by a single page


class Page(Generic[Reader]):
    """Lines for all who are online, without their speakers' own; and between them, lines for one reader alone."""

    def __init__(self) -> None:
        self._lines: list[tuple[bytes, Reader | None, Reader | None]] = []  # and for whom alone, for whom not
        self._size = 0
        self.particular: dict[Reader, None] = {}  # readers who are not sent just what everybody is; in order
        self.line = Line(b"")  # what everybody is sent; settled once all readers have their part of the page

    def __bool__(self) -> bool:
        """Tell whether something is on it."""
        return bool(self._lines)

    @property
    def is_full(self) -> bool:
        """Tell whether it is long enough for a write of its own."""
        return self._size >= MOST_BYTES

    def add(self, data: bytes, *, only: Reader | None = None, but: Reader | None = None) -> None:
        """Add a line: for all, for one reader only, or for all but one."""
        self._lines.append((data, only, but))
        self._size += len(data)
        reader = only or but
        if reader is not None:
            self.particular[reader] = None

    def write(self) -> Line:
        """Return what everybody is sent who has not been mentioned."""
        self.line.data = b"".join([data for data, only, _ in self._lines if only is None])
        return self.line

    def part_of(self, reader: Reader, *, is_online: bool) -> Line:
        """Return what this one is sent; while it waits for lines of others, the page is not settled either."""
        others = [is_online and only is None and but is not reader for _, only, but in self._lines]
        mine = [
            data for (data, only, _), is_others in zip(self._lines, others, strict=True) if is_others or only is reader
        ]
        part = Line(b"".join(mine))
        if any(others):
            self.line.hold()
            part.when_settled(self.line.release)
        return part
