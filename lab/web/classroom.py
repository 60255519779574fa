"""All that `web` knows, in one place: the seats, their progress, their processes, their terminals, who looks on."""

import asyncio
import json
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from lab.web import state
from lab.web.board import Board, EventError
from lab.web.events import Events
from lab.web.links import Link
from lab.web.live import Frame, Live
from lab.web.opening import NobodyError, Opening
from lab.web.streams import Streams
from lab.web.terminals import Terminals

TICK = 1.0  # seconds between two looks at what nobody tells us of


class Classroom:
    """The one object that the handlers share; all on one loop."""

    def __init__(self, opener: socket.socket) -> None:
        """Begin with what was kept when the last one ended."""
        self.board = Board(state.read(state.PROGRESS))
        self.live = Live(self._frame)
        self.opening = Opening(opener, self._seats_changed)
        self.streams = Streams()
        self.terminals = Terminals()
        self._uids: dict[int, str] = {}
        self._events = Events(self._event)
        self._active: dict[str, float] = {}  # by seat: when something moved last, in seconds since 1970
        self._late: set[str] = set()  # seats whose door did not answer when it was asked last
        self._is_kept = True  # all progress is in the file
        self._proved_at = 0
        self._used: dict[str, list[float]] | None = None  # as the file of terminals has it

    async def run(self) -> None:
        """Serve the seats for ever."""
        await self._events.listen()
        watching = asyncio.create_task(self.live.run())
        while not watching.done():
            self._look_at_grades()
            self.terminals.look()
            self._keep()
            await asyncio.sleep(TICK)
        watching.result()

    def seat_to_json(self, link: Link) -> dict[str, Any]:
        """Return all that a student's own page shows."""
        return {
            "seat": link.seat,
            "name": link.name,
            **self.board.seat_to_json(link.seat),
            "terminals": list(self.terminals.of(link.seat)),
            "processes": self.live.seats.get(link.seat),
            "verdict": state.read(state.verdict_of(link.seat)),
        }

    def class_to_json(self) -> dict[str, Any]:
        """Return all that the board shows."""
        found = self.board.to_json()
        for row in found["seats"]:
            row["terminals"] = [name for name, each in self.terminals.of(row["seat"]).items() if each.students]
            row["active"] = max(row["heard"], self._active.get(row["seat"], 0.0))
            row["late"] = row["seat"] in self._late
        return {**found, "live": self.live.is_on, "now": time.time()}

    def seat(self, login: str) -> Link | None:
        """Return a seat of the class."""
        return next((link for link in self.board.seats if link.seat == login), None)

    def note_late(self, seat: str, late: bool) -> None:
        """Take note of whether a seat's door has answered."""
        (self._late.add if late else self._late.discard)(seat)
        self.streams.class_changed()

    def hand(self, seat: str, up: bool, text: str = "") -> None:
        """Raise a seat's hand, or take it down."""
        self.board.take(seat, {"event": "hand", "up": up, "text": text}, time.time())
        self._changed(seat)

    def _event(self, uid: int, event: Mapping[str, Any]) -> None:
        if (seat := self._uids.get(uid)) is None:
            raise EventError("you are not in the roster")
        verdict = verdict_of(event) if event.get("event") == "check" else None
        self.board.take(seat, event, time.time())
        if verdict:
            with suppress(OSError):  # the disk is full: it is shown, and is not kept
                state.write(state.verdict_of(seat), verdict)
            self.streams.tell(seat, "verdict", verdict)
        self._changed(seat)

    def _changed(self, seat: str) -> None:
        self._is_kept = False
        self.streams.tell(seat, "progress", self.board.seat_to_json(seat))
        self.streams.class_changed()

    def _seats_changed(self, seats: list[Link]) -> None:
        self.board.seats = seats
        self._uids = {link.uid: link.seat for link in seats}
        self.streams.class_changed()
        self._checking = asyncio.create_task(self._end_strangers())

    async def _end_strangers(self) -> None:
        """End what was open by a link that is nobody's any more: its streams, its pages, and its terminals."""
        for token, seats in self.streams.tokens().items():
            try:
                await self.opening.who(token)
            except NobodyError:
                self.streams.end(token)
                for seat in seats:
                    self.terminals.end_of(seat)

    def _frame(self, frame: Frame) -> None:
        for seat, value in frame["seats"].items():
            self._active[seat] = time.time()
            self.streams.tell(seat, "processes", {"time": frame["time"], **(value or {"processes": [], "missed": 0})})
        self.streams.tell_class(frame)

    def _look_at_grades(self) -> None:
        try:
            changed = state.PROVED.stat().st_ctime_ns
        except FileNotFoundError:
            return
        if changed != self._proved_at:
            self._proved_at = changed
            self.board.proved = state.read(state.PROVED) or {}
            self.streams.class_changed()

    def _keep(self) -> None:
        self.streams.tell_class_changes(self.class_to_json)
        with suppress(OSError, ValueError):  # it is tried again
            if not self._is_kept:
                state.write(state.PROGRESS, self.board.to_keep())
                self._is_kept = True
            if (used := self.terminals.used()) != self._used:
                state.write(state.TERMINALS, used)
                self._used = used


def verdict_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page shows of a check. Raises EventError."""
    kinds = {"slug": str, "passed": bool, "mistake": str, "text": str, "results": list, "trace": dict}
    told = {name: event.get(name) for name in kinds}
    try:
        json.dumps(told, allow_nan=False)
    except (ValueError, RecursionError) as error:  # a number that JSON has not
        raise EventError("the verdict is no JSON") from error
    shown = {name: value if isinstance(value, kinds[name]) else None for name, value in told.items()}
    return {**shown, "at": time.time()}
