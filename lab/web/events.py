"""What the seats say of themselves: a line of JSON on the board's socket; whose it is, the kernel says, unix(7)."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from lab.chat.seat import peer_uid
from lab.student.board import CHECK_LIMIT, SOCKET
from lab.web.board import EventError

PATIENCE = 5.0  # seconds for a line
AT_ONCE = 4  # connections of a seat
MOST, MINUTE = 20, 60.0  # events a seat in so many seconds


class Limit:
    """At most MOST events a seat in any MINUTE."""

    def __init__(self) -> None:
        self._taken: dict[int, deque[float]] = {}

    def wait(self, uid: int, now: float) -> float:
        """Return for how many seconds a seat has to wait; 0: it counts as taken."""
        taken = self._taken.setdefault(uid, deque())
        while taken and taken[0] <= now - MINUTE:
            taken.popleft()
        if len(taken) >= MOST:
            return taken[0] + MINUTE - now
        taken.append(now)
        return 0.0


class Events:
    """The board's socket."""

    def __init__(self, take: Callable[[int, Mapping[str, Any]], None]) -> None:
        """Call `take` with a UID and an event; it raises EventError for one that is none."""
        self._take = take
        self._limit = Limit()
        self._in: dict[int, int] = {}  # connections by UID

    async def listen(self, path: Path = Path(SOCKET)) -> asyncio.Server:
        """Listen for everybody who can reach the socket; one that was left there is replaced."""
        path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(self._serve, path, limit=CHECK_LIMIT)
        path.chmod(0o666)  # every seat's; who it was, its credentials say
        return server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        uid = peer_uid(writer.get_extra_info("socket"))
        self._in[uid] = self._in.get(uid, 0) + 1
        try:
            if self._in[uid] <= AT_ONCE:
                line = await asyncio.wait_for(reader.readuntil(), PATIENCE)
                writer.write(json.dumps(self._answer(uid, line), ensure_ascii=False).encode() + b"\n")
                await asyncio.wait_for(writer.drain(), PATIENCE)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # who sends no line is told nothing
        finally:
            self._in[uid] -= 1
            if not self._in[uid]:
                del self._in[uid]
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def _answer(self, uid: int, line: bytes) -> dict[str, Any]:
        if seconds := self._limit.wait(uid, time.monotonic()):
            return {"wait": round(seconds, 1)}
        try:
            event = json.loads(line)
            if not isinstance(event, dict):
                raise EventError("an event is an object")
            self._take(uid, event)
        except (ValueError, RecursionError):
            return {"error": "the line is no JSON"}
        except EventError as error:
            return {"error": str(error)}
        return {"ok": True}
