"""`GET /api/terminal`, a WebSocket: a page at a terminal. Binary frames are its bytes, text frames JSON about it.

From the page: `{"size": [columns, rows]}`, `{"ack": bytes}` drawn, `{"allow": true}` (who looks on may type),
`{"end": true}`. To it: `epoch`, `offset`, `again`, `kept` and `size` at the beginning, so that a page that comes back
gets what it missed; `looking` and `typing`; `reset` before the last screenful comes again; `ended`; `error`; `beat`
every few seconds, whose absence tells it that the network is gone. `?terminal=1` to 8 says which; `epoch` and `offset`
what the page has; `page` which it is, so that a connection that it has lost is not waited for. The instructor looks on
with `?seat=`.
"""

import json
from typing import Any

from tornado.iostream import StreamBufferFullError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from lab.door.door import MOST_KEPT
from lab.door.join import CHINESE, ENGLISH
from lab.language import chosen, tr
from lab.web.opening import LateError, NobodyError, NotOpenedError
from lab.web.streams import TooManyError
from lab.web.terminals import SIZES, Terminal
from lab.web.visitor import Visit

MOST_WAITING = 8 << 20  # bytes on their way to a page
NAMES = tuple(str(number) for number in range(1, MOST_KEPT + 1))


class TerminalPage(Visit, WebSocketHandler):
    """A page at a terminal."""

    looks_on = False
    key = ""
    is_over = False  # it was closed, by the page or with its link
    terminal: Terminal | None = None

    async def get(self, *arguments: Any, **named: Any) -> None:
        """Shake hands, unless `prepare` has refused."""
        if self.link.is_instructor and self.seat_meant() is None:
            return
        await WebSocketHandler.get(self, *arguments, **named)

    async def open(self, *_: str, **__: str) -> None:
        """Show the terminal; open it, if it is the student's and is not open."""
        self.looks_on = self.link.is_instructor
        self.key = f"{self.token} {key}" if (key := self.get_query_argument("page", "")) else ""
        try:
            self.ws_connection.stream.max_write_buffer_size = MOST_WAITING  # type: ignore[union-attr]
            self.classroom.streams.enter(self.token, self.link.seat, self, self.end)
            self.terminal = await self._terminal()
        except NobodyError:
            return self.close()
        except TooManyError:
            with self.reading():
                return self._refuse(tr("too many pages are open: close some of them"))
        except NotOpenedError as error:
            return self._refuse(str(error))
        if self.is_over:  # while it was opened; the terminal is there for who comes next
            return None
        offset = self.get_query_argument("offset", "0")
        number = int(offset) if offset.isdecimal() and len(offset) < 16 else 0
        return self.terminal.show(self, self.get_query_argument("epoch", ""), number)

    async def _terminal(self) -> Terminal:
        name = self.get_query_argument("terminal", NAMES[0])
        terminals = self.classroom.terminals
        if self.looks_on:
            found = terminals.get(self.get_query_argument("seat", ""), name)
            if found is None or not found.students:  # it is looked at only where the student reads that it is
                with self.reading():
                    raise NotOpenedError(tr("the student has no page open with this terminal"))
            return found
        if name not in NAMES:
            with self.reading():
                raise NotOpenedError(tr("a terminal's number is 1 to {most}", most=MOST_KEPT))
        async with terminals.turn(self.link.seat):
            return terminals.get(self.link.seat, name) or await self._opened(name)

    async def _opened(self, name: str) -> Terminal:
        size = self._asked_size()
        with self.reading():
            language = CHINESE if chosen().startswith("zh") else ENGLISH
        try:
            opened = await self.classroom.opening.open(self.token, f"web-{name}", size, language)
        except LateError as error:
            self.classroom.note_late(self.link.seat, True)
            with self.reading():
                sentence = tr("the seat does not answer: it is very busy, or is being started")
            raise NotOpenedError(sentence) from error
        self.classroom.note_late(self.link.seat, False)
        try:
            await self.classroom.opening.who(self.token)  # the link may have been renewed meanwhile
        except NobodyError:
            opened.end()
            raise
        found = Terminal(self.link.seat, name, opened)
        self.classroom.terminals.add(found)
        found.resize(*size)
        self.classroom.streams.tell(self.link.seat, "terminals", list(self.classroom.terminals.of(self.link.seat)))
        self.classroom.streams.class_changed()
        return found

    def _asked_size(self) -> tuple[int, int]:
        given = [self.get_query_argument(name, "") for name in ("columns", "rows")]
        sizes = [int(text) for text in given if text.isdecimal() and len(text) < 4]
        return (sizes[0], sizes[1]) if len(sizes) == 2 and all(size in SIZES for size in sizes) else (80, 24)

    def _refuse(self, sentence: str) -> None:
        self.tell(error=sentence)
        self.close()

    async def on_message(self, message: str | bytes) -> None:
        """Take what was typed, or what the page says; no more is read before it is taken."""
        if self.terminal is None or self.is_over:
            return
        if isinstance(message, bytes):
            if not self.looks_on or self.terminal.typing_allowed:
                await self.terminal.type(message)
            return
        try:
            said = json.loads(message)
        except (ValueError, RecursionError):
            return
        if isinstance(said, dict):
            self._hear(self.terminal, said)

    def _hear(self, terminal: Terminal, said: dict[str, Any]) -> None:
        match said:
            case {"ack": int(count)}:
                terminal.drawn(self, count)
            case {"size": [int(columns), int(rows)]} if not self.looks_on:
                terminal.resize(columns, rows)
            case {"allow": bool(allowed)} if not self.looks_on:
                terminal.allow(allowed)
            case {"end": True} if not self.looks_on:
                terminal.hang_up()

    def end(self) -> None:
        """Close it: its link is nobody's any more."""
        self.is_over = True
        self.close()

    def on_close(self) -> None:
        """Show the terminal here no longer."""
        self.is_over = True
        self.classroom.streams.leave(self.token, self)
        if self.terminal:
            self.terminal.leave(self)
            self.classroom.streams.class_changed()

    def send(self, data: bytes) -> None:
        """Show output."""
        self._write(data, binary=True)

    def tell(self, **what: Any) -> None:
        """Say something about the terminal."""
        self._write(json.dumps(what), binary=False)

    def _write(self, message: str | bytes, binary: bool) -> None:
        """Write it; who reads nothing, and has had too much, is let go."""
        try:
            self.write_message(message, binary=binary)
        except WebSocketClosedError:
            return
        except StreamBufferFullError:
            self.end()
