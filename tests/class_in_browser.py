"""A class in a browser: a real lab with its pages, links by seat, and clients that are no browser."""

import asyncio
import csv
import http.client
import json
import os
import signal
import urllib.parse
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from tests.class_lab import ClassLab, class_lab, project_name
from tests.clone import run
from tests.eventually import PATIENCE, eventually

if TYPE_CHECKING:
    from playwright.sync_api import Page

STUDENTS = (("zhang", "张三", ""), ("li", "<b>Li</b> & Sohn", ""), ("wang", "王五", ""))


class Answer:
    """What came back for a request."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self) -> Any:
        return json.loads(self.body)


class BrowserClass:
    """A lab that is up, and its links; or a room of one, whose pages are at a port of their own."""

    def __init__(self, lab: ClassLab, port: int = 0) -> None:
        self.lab = lab
        self.port = port or int(lab.environment["LAB_WEB_PORT"])
        self.address = f"http://127.0.0.1:{self.port}"

    @property
    def links(self) -> dict[str, str]:
        rows = csv.DictReader((self.lab.folder / ".lab/links.csv").read_text(encoding="utf-8").splitlines())
        return {row["seat"]: row["link"] for row in rows}

    def token(self, seat: str) -> str:
        return self.links[seat].rpartition("/")[2]

    def cookie(self, seat: str, token: str = "") -> str:
        return f"forklab-{self.port}={token or self.token(seat)}"

    def get(self, path: str, seat: str = "", method: str = "GET", body: str | None = None, **headers: str) -> Answer:
        """Ask for an address as a seat's browser would; as nobody's without a seat. `path` goes out as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if seat:
            given["Cookie"] = self.cookie(seat)
        connection.request(method, path, body, given)
        return Answer(connection.getresponse())

    def events(self, path: str, seat: str) -> Iterator[tuple[str, Any]]:
        """Yield the events of a stream, until it ends."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", path, headers={"Cookie": self.cookie(seat)})
        response = connection.getresponse()
        assert response.status == http.client.OK, response.read()
        kind = ""
        while line := response.readline().decode().rstrip("\n"):
            if line.startswith("event: "):
                kind = line[7:]
            elif line.startswith("data: "):
                yield kind, json.loads(line[6:])
            if kind and line.startswith("data: "):
                response.readline()

    def processes(self, seat: str) -> list[dict[str, Any]]:
        """Return what the seat's page shows now."""
        found = self.get("/api/seat", seat).json()["processes"]
        return list(found["processes"]) if found else []

    def open(self, page: "Page", seat: str) -> "Page":
        """Visit by a seat's link."""
        page.goto(self.links[seat])
        return page

    def kill(self, service: str) -> None:
        """Kill all that runs in a container; the engine starts it again, as it does when it has crashed."""
        before = self.lab.identity(service)
        os.kill(self.lab.inspect(service)["State"]["Pid"], signal.SIGKILL)
        eventually(lambda: self.lab.identity(service) != before)

    def terminal(self, by: str, /, **query: str) -> AbstractAsyncContextManager["Wire"]:
        return wire(self, by, query)


class Wire:
    """A client of a terminal that is no browser: what it was told, and what the terminal has printed."""

    def __init__(self, connection: WebSocketClientConnection) -> None:
        self._connection = connection
        self.printed = b""
        self.told: dict[str, Any] = {}
        self.is_closed = False

    async def type(self, text: str | bytes) -> None:
        with suppress(WebSocketClosedError):  # who reads sees that it was
            await self._connection.write_message(text.encode() if isinstance(text, str) else text, binary=True)

    async def say(self, **what: Any) -> None:
        await self.say_what(json.dumps(what))

    async def say_what(self, text: str) -> None:
        with suppress(WebSocketClosedError):  # it was closed while we read what had come before
            await self._connection.write_message(text)

    async def hear(self, is_heard: Callable[[], bool], acknowledge: bool = True) -> None:
        """Read until that is so. Raises TimeoutError; AssertionError if the connection closes before."""
        async with asyncio.timeout(PATIENCE):
            while not is_heard():
                message = await self._connection.read_message()
                if message is None:
                    self.is_closed = True
                    assert is_heard(), self.printed[-300:]
                    return
                if isinstance(message, bytes):
                    self.printed += message
                    if acknowledge:
                        await self.say(ack=len(message))
                else:
                    self.told.update(json.loads(message))

    async def print(self, command: str, expected: str) -> None:
        """Type a line and wait for what it prints; the line itself, echoed, must not have it."""
        assert expected not in command
        await self.type(f"{command}\r")
        await self.hear(lambda: expected.encode() in self.printed)

    def close(self) -> None:
        self._connection.close()


@asynccontextmanager
async def wire(of: BrowserClass, seat: str, query: dict[str, str]) -> AsyncIterator[Wire]:
    address = f"ws://127.0.0.1:{of.port}/api/terminal?{urllib.parse.urlencode(query)}"
    request = HTTPRequest(address, headers={"Cookie": of.cookie(seat)})
    connection = await websocket_connect(request, max_message_size=1 << 24)
    found = Wire(connection)
    try:
        yield found
    finally:
        found.close()


@contextmanager
def browser_class(folder: Path, name: str) -> Iterator[BrowserClass]:
    """A lab of three students with its pages."""
    with class_lab(folder, project_name(name), in_browser=True) as lab:
        lab.up(*STUDENTS)
        yield BrowserClass(lab)


def say(room: BrowserClass, seat: str, line: str) -> str:
    """Send a line from within a seat; return the answer."""
    program = (
        "import socket, sys\n"
        "board = socket.socket(socket.AF_UNIX)\nboard.connect('/run/board/board.sock')\n"
        "board.sendall(sys.argv[1].encode('utf-8', 'surrogateescape') + b'\\n')\n"
        "print(board.makefile().readline())"
    )
    found = run("docker", "exec", room.lab.container(seat), "python3", "-c", program, line)
    return found.stdout.strip()
