"""The terminals of the seats: what they print goes to every page that shows them, and is kept for one that comes back.

A terminal is the seat's; here is our end of it, as sshd has one. A student's page holds the output up as a slow screen
would: what it has not drawn yet is bounded, and the program waits in its write. Who only looks on holds nobody up: they
miss what they were too slow for, and get the last screenful again.
"""

import asyncio
import os
import secrets
import select
import signal
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Protocol

from lab.door import parcel
from lab.door.door import KEPT as DOOR_KEEPS
from lab.web.opening import Opened
from lab.web.streams import HEARTBEAT

KEPT = 256 << 10  # bytes of the last output, for a page that comes back
WINDOW = 256 << 10  # bytes that a page may have been sent and not drawn
REDRAW = 1.0  # seconds that programs have to draw their screen
STUCK = 20.0  # seconds that a page may draw nothing, before nobody waits for it any more
TYPED = 256 << 10  # bytes that were typed and not taken yet, before the page has to wait
CHUNK = 65536
LAST = 8  # chunks that are read when the session has ended: what it printed last, and no more of who prints for ever
AT_ONCE = 0.3  # seconds that a read or a write may take that takes none
SIZES = range(1, 1000)  # of rows, and of columns


class StuckError(Exception):
    """A terminal has held us up: a student has made reads or writes wait that we do not let wait."""


def _is_stuck(_number: int, _frame: FrameType | None) -> None:
    raise StuckError


@contextmanager
def at_once() -> Iterator[None]:
    """Let nobody hold up the loop: whether a call waits is said in the open file, which the seat has as well."""
    signal.signal(signal.SIGALRM, _is_stuck)
    signal.setitimer(signal.ITIMER_REAL, AT_ONCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class Page(Protocol):
    """Where a terminal is shown."""

    looks_on: bool  # as the instructor, who holds nobody up
    key: str  # its own, the same for all its connections; "" if it has not said one

    def end(self) -> None:
        """Close it."""

    def send(self, data: bytes) -> None:
        """Show output."""

    def tell(self, **what: Any) -> None:
        """Say something about the terminal, as JSON."""


class Shown:
    """A page at a terminal: how much it was sent, and how much of that it has drawn."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.sent = self.drawn = 0
        self.moved = time.monotonic()  # when it drew something last, or had all
        self.misses = False  # it looks on and was too slow

    @property
    def is_full(self) -> bool:
        """Whether it has more on the way than a page may."""
        return self.sent - self.drawn > WINDOW


class Terminal:
    """One terminal of a seat, as long as it is open here."""

    def __init__(self, seat: str, name: str, opened: Opened) -> None:
        self.seat, self.name = seat, name
        self.epoch = secrets.token_hex(4)  # offsets are of this one's output
        self.is_kept = opened.is_kept  # it had been there before we had it
        self.size = (80, 24)
        self.typing_allowed = False  # to who looks on
        self.used = time.time()  # when it was typed at last
        self.shown: dict[Page, Shown] = {}
        self.alone_since = time.monotonic()
        self.is_open = True
        self._fd, self._door = opened.terminal, opened.door
        self._door.setblocking(False)
        self._kept = bytearray()
        self._end = 0  # offset behind what is kept
        self._typed = bytearray()
        self._room = asyncio.Event()
        self._reads = False
        self._anew: asyncio.TimerHandle | None = None  # while the programs are to draw their screen
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._door.fileno(), self._hear)
        self._go_on()

    def show(self, page: Page, epoch: str, offset: int) -> None:
        """Begin to show it on a page that has the output of this epoch up to an offset; "": it has none."""
        begin = self._end - len(self._kept)
        again = epoch == self.epoch and begin <= offset <= self._end
        since = offset if again else begin
        self.shown[page] = Shown(page)
        self._forget_lost(page)
        page.tell(epoch=self.epoch, offset=since, again=again, kept=self.is_kept, size=self.size)
        self._send(self.shown[page], bytes(self._kept[since - begin :]))
        self.tell_who_looks()
        if not epoch and self.is_kept and not self._kept:
            self._draw_anew()

    def _forget_lost(self, page: Page) -> None:
        """Wait for no connection that this page has lost, though we do not know that yet."""
        for other in list(self.shown):
            if other is not page and other.key and (other.key, other.looks_on) == (page.key, page.looks_on):
                self.leave(other)
                other.end()

    def leave(self, page: Page) -> None:
        """Show it no longer on a page."""
        if self.shown.pop(page, None):
            if not self.is_looked_at:
                self.typing_allowed = False  # it was given to who has gone
            if not self.students:
                self.alone_since = time.monotonic()
                for other in list(self.shown):
                    other.tell(ended=True, left=True)
            self.tell_who_looks()
            self._go_on()

    def allow(self, allowed: bool) -> None:
        """Let those who look on now type, or no longer."""
        if self.is_looked_at and allowed != self.typing_allowed:
            self.typing_allowed = allowed
            self.tell_who_looks()

    @property
    def is_looked_at(self) -> bool:
        """Whether somebody looks on."""
        return any(shown.page.looks_on for shown in self.shown.values())

    @property
    def students(self) -> list[Shown]:
        """The student's own pages that show it."""
        return [shown for shown in self.shown.values() if not shown.page.looks_on]

    def drawn(self, page: Page, count: int) -> None:
        """Take note that a page has drawn so many bytes more."""
        if (shown := self.shown.get(page)) is None:
            return
        shown.drawn = min(shown.sent, shown.drawn + max(0, count))
        shown.moved = time.monotonic()
        if shown.misses and not shown.is_full:
            shown.misses = False
            shown.page.tell(reset=True)
            self._send(shown, bytes(self._kept))
        self._go_on()

    async def type(self, data: bytes) -> None:
        """Type it; returns when there is room for more."""
        if self.is_open:
            self.used = time.time()
            self._typed += data
            self._write()
        while self.is_open and len(self._typed) > TYPED:
            self._room.clear()
            await self._room.wait()

    def resize(self, columns: int, rows: int) -> None:
        """Give it another size; its programs hear of it (SIGWINCH)."""
        if self.is_open and columns in SIZES and rows in SIZES:
            self.size = columns, rows
            if not self._anew:
                self._set_size(columns, rows)
            for page in self.shown:
                if page.looks_on:
                    page.tell(size=self.size)

    def beat(self) -> None:
        """Let the pages know that the connection is alive."""
        for page in list(self.shown):
            page.tell(beat=True)

    def tell_who_looks(self) -> None:
        """Say on every page whether somebody looks on, and whether they may type."""
        looking = len(self.shown) - len(self.students)
        for page in self.shown:
            page.tell(looking=looking, typing=self.typing_allowed)

    def drop_stuck(self) -> None:
        """Wait no longer for pages that have not drawn anything for too long: they get what is new when they do."""
        for shown in self.students:
            if shown.is_full and time.monotonic() - shown.moved > STUCK:
                shown.misses = True
        self._go_on()

    def hang_up(self) -> None:
        """End it, and what runs in it."""
        if self.is_open:
            with suppress(OSError):
                parcel.send(self._door, {"end": ""})
            self._close(None)

    def _set_size(self, columns: int, rows: int) -> None:
        if self.is_open:  # else the descriptor is somebody else's by now
            termios.tcsetwinsize(self._fd, (rows, columns))

    def _draw_anew(self) -> None:
        """Have the programs draw their screen: of what was there before us, nothing is known.

        They do for another size, if they see it: it is the right one again once something was drawn, and not before.
        """
        columns, rows = self.size
        self._set_size(columns, rows - 1 or 2)
        self._anew = self._loop.call_later(REDRAW, self._drawn_anew)

    def _drawn_anew(self) -> None:
        if self._anew:
            self._anew.cancel()
            self._anew = None
            self._set_size(*self.size)

    def _go_on(self) -> None:
        """Read if every student's page has room, else let the programs wait."""
        wanted = self.is_open and not any(shown.is_full and not shown.misses for shown in self.students)
        if wanted and not self._reads:
            self._loop.add_reader(self._fd, self._read)
        elif self._reads and not wanted:
            self._loop.remove_reader(self._fd)
        self._reads = wanted

    def _read(self) -> None:
        try:
            with at_once():
                data = os.read(self._fd, CHUNK)
        except BlockingIOError:
            return None
        except StuckError:
            return self.hang_up()
        except OSError:  # EIO: the last program that had it open has closed it
            data = b""
        if not data:
            self._loop.remove_reader(self._fd)
            self._reads = False
            return None
        self._keep(data)
        self._drawn_anew()
        for shown in list(self.shown.values()):
            if not shown.misses:
                self._send(shown, data)
        return self._go_on()

    def _keep(self, data: bytes) -> None:
        self._kept += data
        self._end += len(data)
        if len(self._kept) > KEPT + CHUNK:
            del self._kept[:-KEPT]

    def _send(self, shown: Shown, data: bytes) -> None:
        if data and shown.page.looks_on and shown.is_full:
            shown.misses = True
        elif data:
            if shown.sent == shown.drawn:
                shown.moved = time.monotonic()
            shown.sent += len(data)
            shown.page.send(data)

    def _write(self) -> None:
        """Write what fits of what was typed, and the rest once there is room."""
        try:
            with at_once():
                written = os.write(self._fd, self._typed[:CHUNK])
            del self._typed[:written]
        except BlockingIOError:
            pass
        except StuckError:
            return self.hang_up()
        except OSError:
            self._typed.clear()
        if self._typed:
            self._loop.add_writer(self._fd, self._write)
        else:
            self._loop.remove_writer(self._fd)
        if len(self._typed) <= TYPED:
            self._room.set()
        return None

    def _hear(self) -> None:
        """Hear from the door how the session has ended; "": the seat was stopped."""
        said = parcel.receive_texts(self._door)
        for _ in range(LAST):
            if self._reads and _is_readable(self._fd):
                self._read()
        if self.is_open:
            self._close(said.get("status"))

    def _close(self, status: str | None) -> None:
        self.is_open = self._reads = False
        for stop in (self._loop.remove_reader, self._loop.remove_writer):
            stop(self._fd)
        self._loop.remove_reader(self._door.fileno())
        os.close(self._fd)
        self._door.close()
        self._room.set()
        for page in list(self.shown):
            page.tell(ended=True, status=int(status) if status and status.isdecimal() and len(status) < 4 else None)


def _is_readable(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return any(events & select.POLLIN for _, events in poll.poll(0))


class Terminals:
    """All that are open here."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], Terminal] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._beaten = 0.0

    def turn(self, seat: str) -> asyncio.Lock:
        """Return what one holds while opening a terminal of a seat: of two pages, the second gets the first's."""
        return self._turns.setdefault(seat, asyncio.Lock())

    def of(self, seat: str) -> dict[str, Terminal]:
        """Return a seat's, by name."""
        found = {name: each for (owner, name), each in self._open.items() if owner == seat and each.is_open}
        return dict(sorted(found.items()))

    def used(self) -> dict[str, list[float]]:
        """Return by seat when each of its terminals was typed at last, in seconds since 1970."""
        found: dict[str, list[float]] = {}
        for terminal in self._open.values():
            if terminal.is_open:
                found.setdefault(terminal.seat, []).append(round(terminal.used))
        return found

    def get(self, seat: str, name: str) -> Terminal | None:
        """Return one that is open."""
        return self.of(seat).get(name)

    def add(self, terminal: Terminal) -> None:
        """Keep one."""
        self._open[terminal.seat, terminal.name] = terminal

    def look(self) -> None:
        """Once in a while: end those that nobody has shown for too long, and forget those that have ended."""
        beats = time.monotonic() - self._beaten >= HEARTBEAT
        if beats:
            self._beaten = time.monotonic()
        for terminal in self._open.values():
            terminal.drop_stuck()
            if beats:
                terminal.beat()
            if not terminal.students and time.monotonic() - terminal.alone_since > DOOR_KEEPS:
                terminal.hang_up()
        self._open = {key: terminal for key, terminal in self._open.items() if terminal.is_open}

    def end_of(self, seat: str) -> None:
        """End all of a seat: by another link than before, somebody else may be meant."""
        for terminal in self.of(seat).values():
            terminal.hang_up()
