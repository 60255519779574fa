"""Many clients of a student's server at once: what each said and heard, and when, on the trace's clock.

The evidence, `guests`: `[{"name": "A", "events": [[moment, kind, text], …]}, …]`, with these kinds: "enter" it has
connected, "say" and "hear" a line, "leave" it has hung up, "dropped" the server has.
"""

import contextlib
import select
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.judging.client import connect
from checks.judging.seat import Evidence, Running
from lab.language import tr
from lab.proc import readable
from lab.tracing.timeline import columns, fit, printable

TAIL = 0.15  # seconds after which a line without an end counts as one
PIECE = 65536
TEXT = 200  # characters of a line that are kept
MOST = 1000  # events of a client that are kept
SHOWN = 24
WIDTH = 80
NAME = 6  # columns of a name; a longer one takes what it needs

Event = tuple[float, str, str]


class Guest:
    """One client; it reads what comes, unless it is `deaf`."""

    def __init__(self, name: str, end: socket.socket, clock: Callable[[], float], entered: float) -> None:
        self.name = name
        self.end = end
        self.clock = clock
        self.events: list[Event] = [(entered, "enter", "")]
        self.sink: Callable[[str], bool] | None = None  # takes a line, and tells whether it need not be kept
        self.deaf = False
        self.unsent = self.rest = b""
        self.rest_came = 0.0
        end.setblocking(False)

    @property
    def is_open(self) -> bool:
        """Tell whether neither side has hung up."""
        return self.events[-1][1] not in ("leave", "dropped")

    @property
    def heard(self) -> list[str]:
        """The lines so far."""
        return [text for _, kind, text in self.events if kind == "hear"]

    def note(self, kind: str, text: str = "") -> None:
        """Add an event; of a server that floods, the first are enough."""
        if len(self.events) < MOST or kind in ("leave", "dropped"):
            self.events.append((self.clock(), kind, text[:TEXT]))

    def say(self, text: str, note: bool = True, end: str = "\n") -> None:
        """Send a line, or lines, or a part of one, as soon as the server takes it."""
        if not self.is_open:
            return
        if note:
            self.note("say", text)
        self.unsent += f"{text}{end}".encode()
        self.push()

    def push(self) -> None:
        """Send what the server takes; one that has gone hears nothing, and `take` will find that out."""
        try:
            self.unsent = self.unsent[self.end.send(self.unsent) :]
        except BlockingIOError:
            return
        except OSError:
            self.unsent = b""

    def take(self) -> None:
        """Take in what has come."""
        try:
            data = self.end.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:  # it hung up on what we had said
            data = b""
        *lines, self.rest = (self.rest + data).split(b"\n")
        self.rest_came = time.monotonic()
        for line in lines:
            self.hear(line)
        if len(self.rest) > PIECE:  # of a server that never ends its line
            self.flush()
        if not data:
            self.flush()
            self.note("dropped")
            self.end.close()

    def hear(self, line: bytes) -> None:
        """Keep a line."""
        text = readable(line.removesuffix(b"\r"))
        if not (self.sink and self.sink(text)):
            self.note("hear", text)

    def flush(self) -> None:
        """Count what has no end of a line as a line."""
        if self.rest:
            self.hear(self.rest)
            self.rest = b""

    def leave(self) -> None:
        """Hang up."""
        if self.is_open:
            self.note("leave")
            self.end.close()

    def die(self) -> None:
        """Let the connection be one of a process that is killed with SIGKILL."""
        if not self.is_open:
            return
        holder = subprocess.Popen(["sleep", "60"], pass_fds=[self.end.fileno()])
        self.note("leave")
        self.end.close()
        holder.kill()
        holder.wait()


class Crowd:
    """All clients of a run."""

    def __init__(self, path: Path, server: Running | None = None) -> None:
        """`server` is the program that is being recorded; there is none before it, where the server is another."""
        self.path = path
        self.server = server
        self.guests: list[Guest] = []

    def enter(self, name: str) -> Guest | None:
        """Connect one more; the first waits until the server listens. None if nobody could."""
        before = self.moment()
        client = connect(self.path, self.server) if not self.guests else connect(self.path, self.server, within=1.0)
        if not client:
            return None
        entered = self.moment() if not self.guests else before
        self.guests.append(Guest(name, client.end, self.moment, entered))
        return self.guests[-1]

    def moment(self) -> float:
        """Return the time on the trace's clock."""
        return self.server.moment() if self.server else 0.0

    def until(self, probe: Callable[[], object], within: float) -> bool:
        """Let all hear what comes until something is so; tell whether it is, by the deadline."""
        deadline = time.monotonic() + within
        while not probe():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self.listen(min(left, TAIL / 3))
        return True

    def listen(self, seconds: float) -> None:
        """Wait until one of them has something to hear, or may go on with what it says."""
        poll, there = select.poll(), {guest.end.fileno(): guest for guest in self.guests if guest.is_open}
        for number, guest in there.items():
            poll.register(number, (0 if guest.deaf else select.POLLIN) | (select.POLLOUT if guest.unsent else 0))
        for number, event in poll.poll(seconds * 1000):
            guest = there[number]
            if event & select.POLLOUT:
                guest.push()
            if event & ~select.POLLOUT:
                self.hang_up(guest) if guest.deaf else guest.take()
        for guest in self.guests:
            if guest.rest and time.monotonic() - guest.rest_came > TAIL:
                guest.flush()

    def hang_up(self, guest: Guest) -> None:
        """Note that the server has dropped one that does not read."""
        guest.note("dropped")
        guest.end.close()

    def was_just_dropped(self) -> bool:
        """Tell whether somebody was dropped a moment ago."""
        last = [guest.events[-1] for guest in self.guests]
        return any(kind == "dropped" and moment > self.moment() - 0.5 for moment, kind, _ in last)

    def close(self) -> None:
        """All leave."""
        for guest in self.guests:
            with contextlib.suppress(OSError):
                guest.end.close()

    def evidence(self) -> Evidence:
        """Return what each said and heard."""
        return {
            "guests": [{"name": guest.name, "events": [list(event) for event in guest.events]} for guest in self.guests]
        }


@dataclass(frozen=True)
class Visit:
    """What one client said and heard, as evidence."""

    name: str
    events: tuple[Event, ...]

    @property
    def entered(self) -> float:
        """When it connected."""
        return self.events[0][0]

    @property
    def dropped(self) -> float | None:
        """When the server hung up; None: it did not."""
        return next((moment for moment, kind, _ in self.events if kind == "dropped"), None)

    @property
    def said(self) -> list[tuple[float, str]]:
        """The lines that it said."""
        return [(moment, text) for moment, kind, text in self.events if kind == "say"]

    @property
    def heard(self) -> list[tuple[float, str]]:
        """The lines that it heard."""
        return [(moment, text) for moment, kind, text in self.events if kind == "hear"]

    def unasked(self, answer: str) -> int | None:
        """Return how many lines it had said when it heard an answer too many; None if it never did."""
        said = answered = 0
        for _, kind, text in self.events:
            said += kind == "say"
            answered += kind == "hear" and text == answer
            if answered > said:
                return said
        return None

    @property
    def exchanges(self) -> list[tuple[float, str, float | None, str]]:
        """Return each line that it said with the line that came next: moment and text of both, None for no answer."""
        answers = [*self.heard, *[(None, "")] * len(self.said)]
        return [(*said, *answer) for said, answer in zip(self.said, answers, strict=False)]


def visits(evidence: Evidence) -> dict[str, Visit]:
    """Return what each client said and heard, by its name."""
    return {guest["name"]: visit(guest) for guest in evidence.get("guests", [])}


def visit(guest: dict[str, Any]) -> Visit:
    """Read one client's part of the evidence."""
    return Visit(guest["name"], tuple((moment, kind, text) for moment, kind, text in guest["events"]))


def readable_line(text: str) -> str:
    """Return what was said in one go on one line."""
    return printable(text.replace("\n", " ⏎ "))


def row(moment: float, name: str, kind: str, text: str) -> str:
    """Return an event as a person reads it."""
    what = {
        "enter": tr("· connects", "· 连接"),
        "say": "→",
        "hear": "←",
        "leave": tr("· leaves", "· 离开"),
        "dropped": tr("× dropped by the server", "× 被服务器断开"),
    }[kind]
    return f"{moment:6.2f} s  {' ' * (NAME - columns(name))}{name} {what} {readable_line(text)}".rstrip()


def conversation(evidence: Evidence) -> str:
    """Return what was said and heard, the last of it, in the order of time."""
    events = [
        (moment, visit.name, kind, text) for visit in visits(evidence).values() for moment, kind, text in visit.events
    ]
    events.sort(key=lambda event: event[0])
    rows = [row(*event) for event in events]
    return "\n".join([*["       …"] * (len(rows) > SHOWN), *(fit(line, WIDTH) for line in rows[-SHOWN:])])
