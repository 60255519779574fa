"""How the server of the pages asks the opener: who has a token, and for a terminal in that seat."""

import asyncio
import itertools
import json
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from lab.door import parcel
from lab.web.links import TOKEN, Link

PATIENCE = 12.0  # seconds for an answer, more than the opener gives a door


class NotOpenedError(Exception):
    """Why there is no terminal, as a sentence for who has asked."""


class LateError(Exception):
    """The seat's door has not answered."""


class NobodyError(Exception):
    """The token is nobody's, or no longer."""


@dataclass(frozen=True)
class Opened:
    """A terminal of a seat: our end of it, the connection to its door, and whether it had been there before."""

    terminal: int
    door: socket.socket
    is_kept: bool

    def end(self) -> None:
        """Let go of it, and have it ended."""
        with suppress(OSError):
            parcel.send(self.door, {"end": ""})
        os.close(self.terminal)
        self.door.close()


Answer = tuple[dict[str, str], list[int]]


class Opening:
    """The opener's socket, on the running loop."""

    def __init__(self, end: socket.socket, changed: Callable[[list[Link]], None]) -> None:
        """Call `changed` with the class's seats at the beginning, and when the links have changed."""
        self._end = end
        self._changed = changed
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Answer]] = {}
        self._known: dict[str, Link] = {}  # by token, until the links change
        end.setblocking(False)
        asyncio.get_running_loop().add_reader(end.fileno(), self._hear)

    async def who(self, token: str) -> Link:
        """Return who has a token. Raises NobodyError."""
        if not TOKEN.fullmatch(token):
            raise NobodyError
        if token not in self._known:
            answer, _ = await self._ask({"want": "who", "token": token})
            if "seat" not in answer:
                raise NobodyError
            link = Link(answer["seat"], answer["name"], int(answer["uid"]), answer["seed"])
            self._known[token] = link
        return self._known[token]

    async def open(self, token: str, keep: str, size: tuple[int, int], language: str) -> Opened:
        """Return the terminal that is kept by this name, else a new one.

        Raises NotOpenedError in the language of a seat's LANG, LateError, NobodyError.
        """
        columns, rows = map(str, size)
        request = {"want": "open", "token": token, "keep": keep, "columns": columns, "rows": rows, "LANG": language}
        try:
            answer, files = await self._ask(request)
        except TimeoutError as error:
            raise LateError from error
        if files:
            os.set_blocking(files[0], False)
            return Opened(files[0], socket.socket(fileno=files[1]), answer["terminal"] == "kept")
        if "why" in answer:
            raise NotOpenedError(answer["why"])
        raise NobodyError

    async def _ask(self, request: Mapping[str, str]) -> Answer:
        number = str(next(self._numbers))
        self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            try:
                parcel.send(self._end, {"id": number, **request})
            except BlockingIOError as error:  # more are asked for than it can take
                raise TimeoutError from error
            return await asyncio.wait_for(self._waiting[number], PATIENCE)
        finally:
            del self._waiting[number]

    def _hear(self) -> None:
        answer, files = parcel.receive(self._end)
        if not answer:
            raise SystemExit("forklab: the opener is gone")
        if "changed" in answer:
            self._known.clear()
            self._changed([Link(**seat) for seat in json.loads(answer["seats"])])
        elif (waiting := self._waiting.get(answer.get("id", ""))) and not waiting.done():
            waiting.set_result((answer, files))
        else:  # it comes too late
            for file in files:
                os.close(file)
