"""The server of the pages: it listens, and knows which address is whose."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.web import Application, StaticFileHandler

from lab.signals import as_by_default
from lab.web import state
from lab.web.classroom import Classroom
from lab.web.pages import Class, ClassEvents, Front, Hand, Seat, SeatEvents, Statement
from lab.web.terminal_page import TerminalPage
from lab.web.visitor import HEADERS, Enter, Visit

BACKLOG = 1024
LONGEST_FRAME = 1 << 20  # bytes that a page may send at once
KEPT_OPEN = 5  # seconds: a connection that is kept for later may be dead by then, and the browser does not know
PING = 5  # seconds between two looks at whether a page is still there
FOLDERS = {
    "static/xterm": Path("/usr/share/javascript/xterm"),
    "static/trace": Path(__file__).parents[1] / "trace" / "page",
    "static": Path(__file__).parent / "static",
}


class File(StaticFileHandler):
    """A file that is the same for everybody: our scripts, xterm.js."""

    def set_extra_headers(self, path: str) -> None:  # noqa: ARG002
        """Let a browser ask each time whether it is still the same."""
        self.clear_header("Server")
        for name, value in {**HEADERS, "Cache-Control": "no-cache"}.items():
            self.set_header(name, value)


class Nowhere(Visit):
    """An address that is none; who has no link hears the same as everywhere."""

    def get(self) -> None:
        """Say so."""
        self.set_status(404)
        self.finish({"error": "there is no such address"})

    post = put = delete = get


def application(classroom: Classroom) -> Application:
    """Return what serves a class."""
    shared = {"classroom": classroom}
    pages: Mapping[str, type[Visit]] = {
        r"/s/(.*)": Enter,
        r"/": Front,
        r"/api/seat": Seat,
        r"/api/seat/events": SeatEvents,
        r"/api/class": Class,
        r"/api/class/events": ClassEvents,
        r"/api/statement": Statement,
        r"/api/hand": Hand,
        r"/api/terminal": TerminalPage,
    }
    rules: list[Any] = [(pattern, handler, shared) for pattern, handler in pages.items()]
    rules += [(rf"/{name}/(.*)", File, {"path": str(folder)}) for name, folder in FOLDERS.items()]
    return Application(
        rules,
        default_handler_class=Nowhere,
        default_handler_args=shared,
        websocket_max_message_size=LONGEST_FRAME,
        websocket_ping_interval=PING,
        websocket_ping_timeout=6 * PING,  # more than one interval: the first ping is sent after one
        log_function=lambda _: None,  # an address may hold a token
    )


def security() -> ssl.SSLContext | None:
    """Return what TLS needs, if the lab was given a certificate. Raises OSError, ssl.SSLError."""
    if not state.has_certificate():
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(state.CERTIFICATE, state.KEY)
    return context


async def serve(opener: socket.socket) -> None:
    """Serve for ever."""
    classroom = Classroom(opener)
    server = HTTPServer(
        application(classroom),
        ssl_options=security(),
        idle_connection_timeout=KEPT_OPEN,
        body_timeout=20,
        max_header_size=16384,
        max_body_size=65536,
        xheaders=False,
    )
    server.listen(state.PORT, backlog=BACKLOG)
    await classroom.run()


def main(descriptor: int) -> int:
    """Serve until the opener is gone."""
    as_by_default()
    logging.getLogger("tornado").setLevel(logging.ERROR)
    with socket.socket(fileno=descriptor) as opener:
        asyncio.run(serve(opener))
    return 1
