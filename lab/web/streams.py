"""What goes to the open pages by itself (server-sent events), and which pages are open by which link.

Nobody waits for a slow page: of each kind of event it has the newest, and of the class's processes each seat's newest.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from lab.web.links import INSTRUCTOR

CLOCK = 0.5  # seconds between two events that tell nothing but the time
HEARTBEAT = 2.0  # seconds; a page, or a proxy on the way, thinks a connection dead that is silent for longer
MOST = 32  # open connections of a link


class TooManyError(Exception):
    """A link has as many connections as one may have."""


class Stream:
    """One page's events."""

    def __init__(self, seat: str) -> None:
        self.seat = seat  # or INSTRUCTOR
        self._waiting: dict[str, Any] = {}  # by the kind of event
        self._there = asyncio.Event()
        self._is_over = False
        self._told_at = 0.0  # the time, as the frames have it

    def tell(self, kind: str, data: Any) -> None:
        """Send an event; one of this kind that was not sent yet is replaced."""
        self._waiting[kind] = data
        self._there.set()

    def tell_seats(self, frame: dict[str, Any]) -> None:
        """Send a frame of the class's processes, if there is anything new in it."""
        before = self._waiting.get("processes", {"seats": {}})
        if not frame["seats"]:
            return
        self.tell("processes", {**frame, "seats": {**before["seats"], **frame["seats"]}})

    def tell_time(self, time: float) -> None:
        """Send that nothing of the seat's processes is new, so that the page's clock goes on."""
        if time - self._told_at >= CLOCK:
            self.tell("processes", {**self._waiting.get("processes", {}), "time": time})
            self._told_at = time

    def end(self) -> None:
        """Send nothing more."""
        self._is_over = True
        self._there.set()

    async def run(self, write: Callable[[str], Awaitable[None]]) -> None:
        """Write the events as they come, until the end."""
        while not self._is_over:
            try:
                await asyncio.wait_for(self._there.wait(), HEARTBEAT)
            except TimeoutError:
                await write("event: beat\ndata: {}\n\n")
                continue
            self._there.clear()
            waiting, self._waiting = self._waiting, {}
            text = "".join(f"event: {kind}\ndata: {json.dumps(data)}\n\n" for kind, data in waiting.items())
            await write(text)


class Streams:
    """All that is open: the events' streams, and whatever else ends with its link."""

    def __init__(self) -> None:
        self._streams: dict[str, set[Stream]] = {}  # by seat
        self._open: dict[str, dict[object, tuple[str, Callable[[], None]]]] = {}
        self._class_has_changed = False

    def enter(self, token: str, seat: str, page: object, end: Callable[[], None]) -> None:
        """Have a connection ended when its link is. Raises TooManyError."""
        open_by = self._open.setdefault(token, {})
        if len(open_by) >= MOST:
            raise TooManyError
        open_by[page] = seat, end

    def leave(self, token: str, page: object) -> None:
        """Forget a connection."""
        self._open.get(token, {}).pop(page, None)
        if not self._open.get(token):
            self._open.pop(token, None)

    def tokens(self) -> dict[str, set[str]]:
        """Return by which links something is open, and of which seats."""
        return {token: {seat for seat, _ in pages.values()} for token, pages in self._open.items()}

    def end(self, token: str) -> None:
        """End all that is open by a link."""
        for _, end in list(self._open.get(token, {}).values()):
            end()

    def add(self, stream: Stream) -> None:
        """Send events to it, too."""
        self._streams.setdefault(stream.seat, set()).add(stream)

    def remove(self, stream: Stream) -> None:
        """Send it none any more."""
        self._streams[stream.seat].discard(stream)

    def tell(self, seat: str, kind: str, data: Any) -> None:
        """Send an event to all pages of a seat."""
        for stream in self._streams.get(seat, ()):
            stream.tell(kind, data)

    def tell_class(self, frame: dict[str, Any]) -> None:
        """Send a frame of processes to all boards, and its time to the seats that are not in it."""
        for stream in self._streams.get(INSTRUCTOR, ()):
            stream.tell_seats(frame)
        for seat in self._streams.keys() - {INSTRUCTOR, *frame["seats"]}:
            for stream in self._streams[seat]:
                stream.tell_time(frame["time"])

    def class_changed(self) -> None:
        """Send the class to the boards, soon."""
        self._class_has_changed = True

    def tell_class_changes(self, now: Callable[[], Any]) -> None:
        """Send the class to the boards, if it has changed since the last time."""
        boards = self._streams.get(INSTRUCTOR)
        if self._class_has_changed and boards:
            data = now()
            for stream in boards:
                stream.tell("class", data)
        self._class_has_changed = False
