"""Who visits, and in which language: what every handler does first. Without a link, all answers are the same."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from tornado.httputil import split_host_and_port
from tornado.web import RequestHandler

from lab.language import tag, tr
from lab.web.classroom import Classroom
from lab.web.links import Link
from lab.web.opening import NobodyError

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
MONTH = 30 * 24 * 3600


def cookie_name(host: str) -> str:
    """Return the name of our cookie: a browser sends it to every port of a host, where another lab may be."""
    return f"forklab-{split_host_and_port(host)[1] or ''}"


class Visit(RequestHandler):
    """A request of somebody."""

    def initialize(self, classroom: Classroom) -> None:
        """Take what all handlers share."""
        self.classroom = classroom
        self.token = ""
        self.link = Link("")

    def set_default_headers(self) -> None:
        """Say what a browser may do with what we send: nothing but show it."""
        self.clear_header("Server")
        for name, value in HEADERS.items():
            self.set_header(name, value)

    async def prepare(self) -> None:
        """See who it is; end the request if it is nobody, or comes from another page."""
        if self.is_foreign():
            return self.sorry()
        self.token = self.get_cookie(cookie_name(self.request.host)) or ""
        if (link := await self.who(self.token)) is None:
            return self.sorry()
        self.link = link
        return None

    async def who(self, token: str) -> Link | None:
        """Return what a token stands for; None if it is nobody's, or that is not told."""
        try:
            return await self.classroom.opening.who(token)
        except (NobodyError, TimeoutError):
            return None

    def is_foreign(self) -> bool:
        """Whether a page of another address has sent it."""
        origin = self.request.headers.get("Origin")
        return origin is not None and origin.partition("://")[2] != self.request.host

    def sorry(self) -> None:
        """Refuse, in the same words whatever the reason is, and whatever was asked for."""
        self.set_status(403)
        with self.reading():
            sentence = tr("This needs your own link: ask your teacher for it.")
            if self.request.path.startswith("/api/"):
                self.finish({"error": sentence})
            else:
                # Whom a link on another page leads here comes without the cookie just set; from our own page it comes.
                once = not self.token and self.request.path == "/" and not self.request.query
                self.render_page("sorry.html.j2", sentence=sentence, once=once)

    def seat_meant(self) -> Link | None:
        """Return whose seat is meant: the own one, or the one that the instructor names; None after a refusal."""
        named = self.get_query_argument("seat", "")
        if not self.link.is_instructor:
            found = self.link if named in ("", self.link.seat) else None
        else:
            found = self.classroom.seat(named)
        if found is None:
            self.sorry()
        return found

    @property
    def language(self) -> str:
        """The language of the page: what the browser asks for, if we have it."""
        wanted = self.request.headers.get("Accept-Language", "")
        codes = [part.partition(";")[0].strip().replace("-", "_") for part in wanted.split(",")]
        return ":".join([code for code in codes if code.replace("_", "").isalnum()][:8])

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Have `tr` speak the visitor's language; nothing may be awaited meanwhile."""
        was = os.environ.get("LANGUAGE")
        if self.language:
            os.environ["LANGUAGE"] = self.language
        try:
            yield
        finally:
            os.environ.pop("LANGUAGE", None)
            if was is not None:
                os.environ["LANGUAGE"] = was

    def render_page(self, template: str, **values: Any) -> None:
        """Send a page; within `reading`."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(TEMPLATES.get_template(template).render(language=tag(), **values))

    def write_error(self, status_code: int, **_: Any) -> None:
        """Say no more than that it did not work."""
        self.finish({"error": self._reason, "status": status_code})

    def send_json(self, value: Any) -> None:
        """Send JSON."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps(value))


class Enter(Visit):
    """`/s/TOKEN`: the link as it was handed out. It becomes a cookie, and no token stays in an address."""

    async def prepare(self) -> None:
        """Nobody has a cookie yet."""

    async def get(self, token: str) -> None:
        """Set the cookie and go to the page; ask first who came by a link on another page and has a seat already."""
        if (link := await self.who(token)) is None:
            return self.sorry()
        if self.request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
            with self.reading():
                return self.render_page("enter.html.j2", again=True)  # by our own page it comes with the cookie
        present = await self.who(self.get_cookie(cookie_name(self.request.host)) or "")
        if self.request.query and present and present.seat != link.seat:
            self.set_header("Referrer-Policy", "same-origin")  # without one, a form's Origin is null
            with self.reading():
                return self.render_page("enter.html.j2", question=_question(present, link), change=tr("Change"))
        return self._let_in(token)

    async def post(self, token: str) -> None:
        """Set the cookie for who was asked, and wants to."""
        if self.is_foreign() or await self.who(token) is None:
            return self.sorry()
        return self._let_in(token)

    def _let_in(self, token: str) -> None:
        self.set_cookie(
            cookie_name(self.request.host),
            token,
            expires=time.time() + MONTH,
            httponly=True,
            samesite="Strict",
            secure=self.request.protocol == "https",
        )
        self.redirect("/", status=303)


def _question(present: Link, link: Link) -> str:
    if present.is_instructor:
        return tr("This browser is the teacher's. Change to the seat {seat} ({name})?", **_named(link))
    if link.is_instructor:
        return tr("This browser sits at {seat} ({name}). Change to the teacher's board?", **_named(present))
    return tr(
        "This browser sits at {seat} ({name}). Change to the seat {other} ({other_name})?",
        **_named(present),
        other=link.seat,
        other_name=link.name,
    )


def _named(link: Link) -> dict[str, str]:
    return {"seat": link.seat, "name": link.name}
