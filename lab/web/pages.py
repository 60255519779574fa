"""The two pages and what they ask for: `/`, `/api/seat`, `/api/class`, their streams, and a raised hand."""

import json
from typing import Any

from tornado.iostream import StreamClosedError

from lab.exercises import EXERCISES, NUMBERS
from lab.language import chosen, tr
from lab.student.seed import values_of
from lab.student.texts import statement, title
from lab.trace.texts import texts as trace_texts
from lab.web.links import INSTRUCTOR, Link
from lab.web.streams import Stream, TooManyError
from lab.web.texts import board_texts, student_texts
from lab.web.visitor import Visit

LONGEST_REQUEST = 8192  # characters


class Front(Visit):
    """`/`: the student's page, or the board."""

    def get(self) -> None:
        """Send it."""
        with self.reading():
            exercises = [{"slug": slug, "number": NUMBERS[slug], "title": title(slug)} for slug in EXERCISES]
            texts = {**(board_texts() if self.link.is_instructor else student_texts()), "trace": trace_texts()}
            page = "board.html.j2" if self.link.is_instructor else "student.html.j2"
            self.render_page(
                page, link=self.link, exercises=exercises, texts=texts, data={"texts": texts, "exercises": exercises}
            )


class Seat(Visit):
    """`GET /api/seat`: all about the own seat; for the instructor `?seat=`."""

    def get(self) -> None:
        """Send it."""
        if found := self.seat_meant():
            self.send_json(self.classroom.seat_to_json(found))


class Statement(Visit):
    """`GET /api/statement?slug=`: what an exercise asks of this seat, as `lab show` prints it."""

    def get(self) -> None:
        """Send it."""
        slug = self.get_query_argument("slug", "")
        if slug not in EXERCISES:
            self.set_status(404)
            self.finish({"error": "there is no such exercise"})
            return
        with self.reading():
            text = statement(slug, values_of(slug, self.link.seed or self.link.seat))
            self.send_json({"slug": slug, "title": title(slug), "text": text, "language": chosen()})


class Hand(Visit):
    """`POST /api/hand {"up": true, "text": "…"}`: the own hand; the instructor may take down anybody's (`seat`)."""

    def post(self) -> None:
        """Raise it or take it down."""
        asked = self._asked()
        seat = self.link.seat
        if self.link.is_instructor:
            found = self.classroom.seat(str(asked.get("seat")))
            if found is None or asked.get("up"):
                return self.sorry()
            seat = found.seat
        self.classroom.hand(seat, bool(asked.get("up")), str(asked.get("text", "")))
        return self.send_json({"ok": True})

    def _asked(self) -> dict[str, Any]:
        try:
            found = json.loads(self.request.body[:LONGEST_REQUEST])
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


class Class(Visit):
    """`GET /api/class`, for the instructor: the board."""

    def get(self) -> None:
        """Send it."""
        if not self.link.is_instructor:
            return self.sorry()
        return self.send_json({**self.classroom.class_to_json(), "processes": self.classroom.live.seats})


class StreamOf(Visit):
    """Server-sent events, until the page is closed or the link is nobody's any more."""

    async def send(self, seat: str, begin: dict[str, Any]) -> None:
        """Send what there is now, and then what comes."""
        stream = Stream(seat)
        try:
            self.classroom.streams.enter(self.token, self.link.seat, self, stream.end)
        except TooManyError:
            self.set_status(429)
            with self.reading():
                self.finish({"error": tr("too many pages are open: close some of them")})
            return
        self.stream = stream
        self.classroom.streams.add(stream)
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        for kind, data in begin.items():
            stream.tell(kind, data)
        try:
            await stream.run(self._write)
        except StreamClosedError:
            pass
        finally:
            self.classroom.streams.remove(stream)
            self.classroom.streams.leave(self.token, self)

    async def _write(self, text: str) -> None:
        self.write(text)
        await self.flush()

    def on_connection_close(self) -> None:
        """Stop when the page is gone."""
        if stream := getattr(self, "stream", None):
            stream.end()


class SeatEvents(StreamOf):
    """`GET /api/seat/events`: `processes`, `progress`, `verdict`, `terminals` of a seat."""

    async def get(self) -> None:
        """Send them."""
        if found := self.seat_meant():
            with self.classroom.live.looking(found.seat):
                await self.send(found.seat, self._now(found))

    def _processes(self, link: Link) -> dict[str, Any]:
        live = self.classroom.live
        return {"time": live.time, "on": live.is_on, **(live.seats.get(link.seat) or {"processes": [], "missed": 0})}

    def _now(self, link: Link) -> dict[str, Any]:
        seat = self.classroom.seat_to_json(link)
        return {
            "processes": self._processes(link),
            "progress": self.classroom.board.seat_to_json(link.seat),
            "verdict": seat["verdict"],  # a page that was not connected has missed it
            "terminals": seat["terminals"],
        }


class ClassEvents(StreamOf):
    """`GET /api/class/events`, for the instructor: `class` and `processes`."""

    async def get(self) -> None:
        """Send them."""
        if not self.link.is_instructor:
            return self.sorry()
        live = self.classroom.live
        frame = {"time": live.time, "seats": dict(live.seats)}
        await self.send(INSTRUCTOR, {"class": self.classroom.class_to_json(), "processes": frame})
        return None
