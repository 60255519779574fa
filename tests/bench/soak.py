"""An hour of a class's chat in five minutes, with more going wrong than in any class: is a line lost, what grows?

    make soak [MINUTES=5]
    python3 -m tests.bench.soak [--minutes 5] [--clients 60] [--plot FILE.svg] [--seed N]

Everybody says a line every ten seconds of that hour. Meanwhile, twice a second, something happens to somebody: the
worker is killed, or stopped for a while; the client hangs up, reads nothing or a byte a second for a while, or is
kicked; the socket's file is removed. Whoever has lost the connection comes back under a new name. In the end the
transcript must account for every line: each connection has heard exactly what it says, from its login on, in that
order, up to where it broke off; and what was said on a connection that ended well is all in there. Memory and
descriptors are drawn, and must not grow.
"""

import argparse
import json
import os
import random
import select
import signal
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from lab.chat.room import LINGER_SECONDS
from tests.bench.soak_plot import Sample, plot
from tests.chat_room import ChatServer
from tests.eventually import eventually

HOUR = 3600.0
PAUSE = 10.0  # seconds of the hour between two lines of one client
FAULT_EVERY = 0.5
AWAY_SECONDS = 2.0  # for which a worker is stopped, or a client does not read
DRIPS = 6  # seconds for which a client reads one byte a second
MOST_GROWTH = 1024  # KiB of the parent's own memory, from the first third to the last
TICK = 0.02
EVENTS = {"login": "{name} login", "logout": "{name} logout", "message": "{name} : {text}", "admin": "{name} : {text}"}


class Connection:
    """One connection of a client, under a name that nobody else has had."""

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.socket.setblocking(False)
        self.socket.send(f"{name}\n".encode())
        self.heard = b""
        self.said = 0
        self.is_deaf = False
        self.drips = 0  # bytes that it reads, one a second, before it reads all again
        self.has_ended = False
        self.has_quit = False  # it asked to leave, and so was heard, and heard all, to its end

    def say(self) -> None:
        with suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
            self.socket.send(f"line {self.said}\n".encode())
            self.said += 1

    def read(self, size: int = 1 << 18) -> None:
        with suppress(BlockingIOError):
            try:
                data = self.socket.recv(size)
            except ConnectionResetError:
                data = b""
            self.heard += data
            self.has_ended = not data

    def lines(self) -> list[str]:
        """Return what others have said and done, and only whole lines."""
        return [line for line in self.heard.decode().split("\n")[:-1] if not line.startswith("* ")]


class Classroom:
    """The server, its clients, and what has been seen of them."""

    def __init__(self, server: ChatServer, clients: int, seed: int) -> None:
        self.server = server
        self.draw = random.Random(seed)
        self.members: list[Connection] = []
        self.past: list[Connection] = []
        self.later: list[tuple[float, int, Connection]] = []  # when what is to be done: CONT a worker, or read again
        self.faults = dict.fromkeys(
            ("killed", "stopped", "hung up", "deaf", "a byte a second", "kicked", "file removed"), 0
        )
        self.poll = select.epoll()
        self.by_number: dict[int, Connection] = {}
        self.count = 0
        for _ in range(clients):
            self.come()

    def come(self) -> None:
        self.count += 1
        one = eventually(self._connected)
        assert one
        self.members.append(one)
        self.by_number[one.socket.fileno()] = one
        self.poll.register(one.socket, select.EPOLLIN)

    def _connected(self) -> Connection | None:
        with suppress(ConnectionRefusedError, FileNotFoundError):  # the file is just being made again
            return Connection(self.server.path, f"pupil{self.count}")
        return None

    def listen(self, patience: float) -> None:
        """Read what has come; who has been cut off comes back."""
        for number, _ in self.poll.poll(patience):
            one = self.by_number[number]
            one.read()
            if one.has_ended:
                self.forget(one)
                self.come()

    def forget(self, one: Connection) -> None:
        if not one.is_deaf:
            self.poll.unregister(one.socket)
        del self.by_number[one.socket.fileno()]
        one.socket.close()
        self.members.remove(one)
        self.past.append(one)

    def harm(self) -> None:
        """Have something happen to somebody."""
        kind = self.draw.choices([*self.faults], [4, 4, 4, 4, 2, 2, 1])[0]
        one = self.draw.choice([member for member in self.members if not member.is_deaf])
        self.faults[kind] += 1
        if kind == "file removed":
            self.server.path.unlink(missing_ok=True)
        elif kind == "kicked":
            with socket.socket(socket.AF_UNIX) as admin:
                admin.connect(str(self.server.admin))
                admin.send(f"kick {one.name}\n".encode())
                admin.recv(1 << 10)
        elif kind == "hung up":
            self.forget(one)
            self.come()
        elif kind in ("deaf", "a byte a second"):
            one.is_deaf = True
            one.drips = DRIPS * (kind != "deaf")
            self.poll.unregister(one.socket)
            self.later.append((time.monotonic() + AWAY_SECONDS, 0, one))
        elif pid := self.worker_of(one):
            os.kill(pid, signal.SIGKILL if kind == "killed" else signal.SIGSTOP)
            if kind == "stopped":
                self.later.append((time.monotonic() + AWAY_SECONDS, pid, one))

    def worker_of(self, one: Connection) -> int | None:
        found = [worker.pid for worker in self.server.workers() if worker.cmdline[1:] == (one.name,)]
        return found[0] if found else None

    def make_good(self, now: float) -> None:
        for entry in [entry for entry in self.later if entry[0] <= now]:
            self.later.remove(entry)
            _, pid, one = entry
            if pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
            elif one.drips and now < float("inf"):
                one.read(1)
                one.drips -= 1
                self.later.append((now + 1, 0, one))
            else:
                one.is_deaf = False
                self.poll.register(one.socket, select.EPOLLIN)

    def leave(self) -> None:
        """Have all say goodbye, and hear the others to the end."""
        self.make_good(float("inf"))
        for one in self.members:
            with suppress(BrokenPipeError):
                one.socket.send(b"/quit\n")
                one.has_quit = True
        while self.members:
            for number, _ in self.poll.poll(1):
                one = self.by_number[number]
                one.read()
                if one.has_ended:
                    self.forget(one)


def sample(server: ChatServer, start: float) -> Sample:
    return Sample(time.monotonic() - start, server.memory(), server.descriptors(), len(server.workers()))


def soak(server: ChatServer, clients: int, seconds: float, seed: int) -> tuple[Classroom, list[Sample]]:
    """Play the hour; return who was there and what was seen."""
    samples = [sample(server, time.monotonic())]  # before anybody is there, as after all have left
    room = Classroom(server, clients, seed)
    lines_a_tick = clients * HOUR / PAUSE / seconds * TICK
    start = time.monotonic()
    harmed, said, told = 0, 0.0, 1
    while (now := time.monotonic() - start) < seconds:
        while said < now / TICK * lines_a_tick:
            room.draw.choice(room.members).say()
            said += 1
        room.listen(TICK)
        room.make_good(time.monotonic())
        if now > harmed * FAULT_EVERY:
            room.harm()
            harmed += 1
        if now > told * max(1.0, seconds / 300):
            samples.append(sample(server, start))
            told += 1
    room.leave()
    eventually(server.alone)
    with suppress(AssertionError):  # the last words for one who has hung up are kept for it some seconds
        eventually(lambda: server.descriptors() <= samples[0].descriptors, within=2 * LINGER_SECONDS)
    samples.append(sample(server, start))
    return room, samples


def accounts(room: Classroom, transcript: Path) -> list[str]:
    """Say which lines nobody can account for."""
    events = [json.loads(line) for line in transcript.read_text(encoding="utf-8").splitlines()]
    told = [(event["name"], EVENTS[event["event"]].format(**event)) for event in events if event["event"] in EVENTS]
    lines = [line for _, line in told]
    wrong = []
    for one in room.past:
        if f"{one.name} login" not in lines:  # cut off before
            continue
        start = lines.index(f"{one.name} login") + 1
        end = lines.index(f"{one.name} logout")
        wanted = [line for name, line in told[start:end] if name != one.name]
        heard = one.lines()
        if heard != wanted[: len(heard)] or (one.has_quit and heard != wanted):
            wrong.append(f"{one.name} has not heard what was said")
        mine = [line for name, line in told[start:end] if name == one.name]
        if mine != [f"{one.name} : line {number}" for number in range(len(mine))]:
            wrong.append(f"what {one.name} has said is not in order")
        if one.has_quit and len(mine) != one.said:
            wrong.append(f"{one.name} has said {one.said} lines, {len(mine)} are there")
    return wrong


def growth(samples: Sequence[Sample]) -> list[str]:
    """Say what has grown."""
    third = max(1, len(samples) // 3)
    early = statistics.median(one.memory for one in samples[third // 2 : third + third // 2])
    late = statistics.median(one.memory for one in samples[-third:])
    wrong = [f"memory grew from {early:.0f} to {late:.0f} KiB"] if late - early > MOST_GROWTH else []
    if samples[-1].descriptors > samples[0].descriptors:
        wrong.append(f"{samples[-1].descriptors} descriptors are open after all have left")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--clients", type=int, default=60)
    parser.add_argument("--seed", type=int, default=20260301)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        transcript = Path(folder, "transcript.jsonl")
        server = ChatServer(Path(folder, "chat.sock"), "--rate=0", f"--transcript={transcript}")
        try:
            room, samples = soak(server, options.clients, 60 * options.minutes, options.seed)
            wrong = growth(samples)
            if status := server.stop():
                wrong.append(f"the server ended with status {status}")
        finally:
            server.close()
        wrong += accounts(room, transcript)
    if options.plot:
        options.plot.parent.mkdir(parents=True, exist_ok=True)
        options.plot.write_text(plot(samples), encoding="utf-8")
        print(options.plot)
    said, heard = sum(one.said for one in room.past), sum(len(one.lines()) for one in room.past)
    print(f"{len(room.past)} connections, {said} lines said, {heard} heard;", room.faults)
    print(*wrong or ["every line is accounted for; memory and descriptors are flat"], sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
