"""What one round of the chat server finds at once, in every order; and that no program cares how it was started."""

import itertools
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lab import proc
from lab.chat.listener import Listener
from lab.chat.server import Server
from lab.chat.transcript import Transcript
from tests import chat_room
from tests.apart import apart, burdened, descriptors, no_child_is_left
from tests.eventually import PATIENCE, eventually

EVENTS = ("ann's worker", "kick", "carl's worker", "carl has room")


class Ordered(selectors.EpollSelector):
    """A real selector, whose findings are dealt with in an order of ours, by descriptor."""

    order: Sequence[int] = ()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = {key.fd: (key, event) for key, event in super().select(timeout)}
        first = [found.pop(number) for number in self.order if number in found]
        return first + list(found.values())


class Client:
    """One of the test's, and what it has been told so far."""

    def __init__(self, path: Path, name: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.socket.setblocking(False)
        self.said = b""
        self.has_ended = False
        self.socket.send(f"{name}\n".encode())

    def read(self) -> bytes:
        while not self.has_ended:
            try:
                piece = self.socket.recv(1 << 16)
            except BlockingIOError:
                break
            self.said += piece
            self.has_ended = not piece
        return self.said


class Within:
    """The server's loop in this very process, a round at a time; its workers are this process's children."""

    def __init__(self, path: Path) -> None:
        self.path = path
        selectors.DefaultSelector = Ordered  # type: ignore[misc,assignment]
        self.server = Server(
            Listener(path, 0o666), Listener(Path(f"{path}.admin"), 0o600), Transcript(None), 30.0, 1 << 10
        )
        self.selector: Ordered = self.server._selector  # type: ignore[assignment]

    def until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline
            self.server._room.housekeep()
            self.server._dispatch(0.01)

    def come(self, name: str) -> Client:
        client = Client(self.path, name)
        self.until(lambda: b"* welcome" in client.read())
        return client


def orders(path: Path, names: Sequence[Sequence[str]]) -> None:
    here = Within(path)
    before = descriptors()
    dora = here.come("dora")
    for number, order in enumerate(names):
        with_all_at_once(here, dora, [*order], number)
        assert here.server._room.peers == {here.server._room._online["dora"]}
        assert here.server._workers == {here.server._room._online["dora"].worker}
    dora.socket.close()
    here.until(lambda: not here.server._workers and not here.server._room.peers)
    no_child_is_left()
    assert descriptors() == before
    here.server._shut_down()


def with_all_at_once(here: Within, dora: Client, order: list[str], number: int) -> None:
    """Make all ready before one round, which takes it in the order named.

    What has nothing to do with the others is somewhere in between: the news of a child's end, and somebody new.
    """
    order.insert(number % 5, "children")
    order.insert(number % 6, "somebody comes")
    ann, carl = here.come("ann"), here.come("carl")
    room = here.server._room
    peers = {name: room._online[name] for name in ("ann", "carl")}
    room._tell(peers["carl"], "x" * 300_000)
    assert peers["carl"] in room._post.behind
    admin = socket.socket(socket.AF_UNIX)
    admin.connect(f"{here.path}.admin")
    here.until(lambda: admin_end(here.selector))
    dora.read()
    dora.said = b""

    carl.socket.send(b"hi\n")
    carl.read()  # now there is room
    admin.send(b"kick carl\n")
    os.kill(peers["ann"].worker, signal.SIGKILL)
    new = Client(here.path, "eve")
    numbers = {
        "children": here.server._wakeup,
        "ann's worker": peers["ann"].channel.fileno(),
        "kick": admin_end(here.selector),
        "carl's worker": peers["carl"].channel.fileno(),
        "carl has room": peers["carl"].socket.fileno(),
        "somebody comes": here.server._listeners[0].socket.fileno(),
    }
    ready = set(numbers.values())
    eventually(lambda: {key.fd for key, _ in here.selector.select(0)} == ready)
    here.selector.order = [numbers[name] for name in order]
    here.server._dispatch(0)
    here.selector.order = ()

    here.until(lambda: b"* welcome eve" in new.read() and b"eve login\n" in dora.read())
    here.until(lambda: carl.read() and carl.has_ended and ann.read() and ann.has_ended)
    new.socket.close()
    here.until(lambda: b"eve logout\n" in dora.read())
    here.until(lambda: len(here.server._workers) == len(room.peers) == 1 and admin.recv(100))
    heard = sorted(dora.said.decode().splitlines())
    spoke = ["carl : hi"] if order.index("carl's worker") < order.index("kick") else []
    assert heard == sorted(["ann logout", "carl logout", "eve login", "eve logout", *spoke]), order
    for client in (ann, carl):
        client.socket.close()
    admin.close()


def admin_end(selector: selectors.BaseSelector) -> int:
    """Return the server's end of the administrator's connection; 0 while it is not accepted."""
    called = {key.fd: getattr(key.data, "func", None) for key in selector.get_map().values()}
    return next((number for number, call in called.items() if getattr(call, "__name__", "") == "_read"), 0)


def test_all_that_one_round_can_find_in_every_order(tmp_path: Path) -> None:
    apart(lambda: orders(tmp_path / "s", [*itertools.permutations(EVENTS)]))


def test_a_server_does_not_care_how_it_was_started(tmp_path: Path) -> None:
    """Its starter had every signal ignored and blocked: workers are reaped from the first on, each stop is one."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with chat_room.served(tmp_path / "s", prefix=burdened()) as server:
            peer = server.connect("bob")
            (worker,) = server.workers()
            os.kill(worker.pid, signal.SIGKILL)
            eventually(lambda: not proc.read(worker.pid))  # noqa: B023 (it is called at once)
            assert peer.rest() == []
            server.connect("ann")
            assert server.stop(number) == 0


def test_a_server_that_nobody_came_to_stops_as_well(tmp_path: Path) -> None:
    with chat_room.served(tmp_path / "s", prefix=burdened()) as server:
        assert server.stop() == 0


def test_a_client_does_not_care_how_it_was_started(chat_server: chat_room.ChatServer) -> None:
    command = burdened(*chat_room.program("client", "--socket", str(chat_server.path), "bob"))
    done = subprocess.run(
        command,
        input="hi\n",
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env=chat_room.environment(),
        cwd=chat_room.REPOSITORY,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "* welcome bob, 1 online\n", "")
