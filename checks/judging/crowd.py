"""Many clients of a student's server at once: what each said and heard, and when, on the trace's clock.

The evidence, `guests`: `[{"name": "A", "events": [[moment, kind, text], …]}, …]`, with these kinds: "enter" it has
connected, "say" and "hear" a line (or more, said in one go), "begin" it has said the first part of one, "part" what it
heard of a line without an end, "leave" it has hung up, "dropped" the server has.
"""

import array
import codecs
import contextlib
import errno
import fcntl
import select
import socket
import subprocess
import termios
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.judging.client import connect
from checks.judging.seat import Evidence, Running
from lab.language import tr
from lab.proc import readable
from lab.trace.timeline import columns, fit, printable

LISTEN = 0.05  # seconds between two looks at what is waited for
READ = 0.3  # for a server to read what has come: a deadline for one that is busy with others
AGAIN = 1.0  # to connect to a server that somebody has been connected to
PIECE = 65536
TEXT = 700  # characters of a line that are kept
MOST = 1000  # events of a client that are kept
SHOWN = 24
WIDTH = 80
NAME = 6  # columns of a name; a longer one takes what it needs

GONE = ("leave", "dropped")

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
        self.stays = False  # it does not close its own end when the server hangs up
        self.is_done = False  # it has closed its own direction, and leaves when the server hangs up
        self.unsent = self.rest = b""
        self.received = 0  # bytes
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a part may end within a character
        end.setblocking(False)

    @property
    def is_open(self) -> bool:
        """Tell whether neither side has hung up."""
        return self.events[-1][1] not in GONE

    @property
    def heard(self) -> list[str]:
        """The lines so far."""
        return [text for _, kind, text in self.events if kind == "hear"]

    @property
    def is_answered(self) -> bool:
        """Tell whether it has heard as many lines as it has said, or will hear none any more."""
        return len(self.heard) >= self.said or not self.is_open

    @property
    def said(self) -> int:
        """How many lines it has said so far."""
        return sum(text.count("\n") + 1 for _, kind, text in self.events if kind == "say")

    def note(self, kind: str, text: str = "") -> None:
        """Add an event; of a server that floods, the first are enough."""
        if len(self.events) < MOST or kind in ("leave", "dropped"):
            self.events.append((self.clock(), kind, text[:TEXT]))

    def say(self, text: str, note: bool = True) -> None:
        """Send a line, or lines in one go, as soon as the server takes it."""
        self.send(f"{text}\n".encode(), "say" if note else "", text)

    def say_last(self, text: str) -> None:
        """Send a line, and the end of all that it will say, as `echo hello | socat` does; then hear the answer."""
        self.say(text)
        self.say_no_more()

    def say_no_more(self) -> None:
        """Send the end of all that it says; when the server hangs up, it has left."""
        self.is_done = True
        with contextlib.suppress(OSError):
            self.end.shutdown(socket.SHUT_WR)

    def begin(self, part: bytes) -> None:
        """Send the first part of a line."""
        self.send(part, "begin", self.decoder.decode(part))

    def say_and_begin(self, text: str, part: str) -> None:
        """Send a line, or lines, and the first part of the next in one go."""
        if self.is_open:
            self.note("say", text)
            self.send(f"{text}\n{part}".encode(), "begin", part)

    def end_line(self, part: bytes) -> None:
        """Send the rest of a line."""
        self.send(part + b"\n", "say", self.decoder.decode(part, final=True))

    def send(self, data: bytes, kind: str, text: str) -> None:
        """Send bytes, and note them as such an event, if any."""
        if not self.is_open:
            return
        if kind:
            self.note(kind, text)
        self.unsent += data
        self.push()

    @property
    def is_read(self) -> bool:
        """Tell whether the server has read all that was sent: SIOCOUTQ, unix(7)."""
        if self.unsent or not self.is_open:
            return not self.is_open
        count = array.array("i", [0])
        fcntl.ioctl(self.end.fileno(), termios.TIOCOUTQ, count)
        return count[0] == 0

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
        self.received += len(data)
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            self.hear(line)
        if len(self.rest) > PIECE:  # of a server that never ends its line
            self.leave_part()
        if not data:
            self.leave_part()
            self.note("leave" if self.is_done else "dropped")
            if not self.stays:
                self.end.close()

    def hear(self, line: bytes) -> None:
        """Keep a line."""
        text = readable(line.removesuffix(b"\r"))
        if not (self.sink and self.sink(text)):
            self.note("hear", text)

    def leave_part(self) -> None:
        """Note what has come without the end of a line, when no more can come."""
        if self.rest and not self.sink:
            self.note("part", readable(self.rest[:TEXT]))
        self.rest = b""

    @property
    def is_half_open(self) -> bool:
        """Tell whether it was hung up on by a server that has closed one direction only, of one that `stays`."""
        if self.is_open or self.end.fileno() < 0:
            return False
        poll = select.poll()
        poll.register(self.end, 0)
        return not poll.poll(0)  # POLLHUP is told of unasked

    def leave(self) -> None:
        """Hang up."""
        if self.is_open:
            self.leave_part()
            self.note("leave")
            self.end.close()

    def die(self) -> None:
        """Let the connection be one of a process that is killed with SIGKILL."""
        if not self.is_open:
            return
        holder = subprocess.Popen(["sleep", "60"], pass_fds=[self.end.fileno()])
        self.leave_part()
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
        self.refused = ""  # why the last could not connect: the name of an errno

    def enter(self, name: str) -> Guest | None:
        """Connect one more; the first waits until the server listens. None if nobody could."""
        before = self.moment()
        try:
            end = connect(self.path, self.server, within=AGAIN) if self.guests else connect(self.path, self.server)
        except OSError as error:
            self.refused = errno.errorcode.get(error.errno or 0, "")
            return None
        entered = before if self.guests else self.moment()
        self.guests.append(Guest(name, end, self.moment, entered))
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
            self.listen(min(left, LISTEN))
        return True

    def rest(self, seconds: float) -> None:
        """Let all hear what comes for a while."""
        self.until(lambda: False, seconds)

    def say_in_parts(self, guest: Guest, *parts: bytes) -> None:
        """Let one say a line in parts, each of which the server has read before the next comes."""
        for part in parts[:-1]:
            guest.begin(part)
            self.until(lambda: guest.is_read, READ)
            self.rest(LISTEN)  # who answers half a line does it now
        guest.end_line(parts[-1])

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

    def hang_up(self, guest: Guest) -> None:
        """Note that the server has dropped one that does not read."""
        guest.note("dropped")
        guest.end.close()

    def was_just_dropped(self) -> bool:
        """Tell whether somebody was dropped a moment ago."""
        last = [guest.events[-1] for guest in self.guests]
        return any(kind == "dropped" and moment > self.moment() - 0.5 for moment, kind, _ in last)

    def close(self) -> None:
        """All are gone, without a word of it in the evidence."""
        for guest in self.guests:
            if guest.is_open:
                guest.leave_part()
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
    def lines(self) -> list[tuple[float, str]]:
        """Each line that it said, whole, with the moment of its end."""
        found: list[tuple[float, str]] = []
        begun = ""
        for moment, kind, text in self.events:
            if kind == "begin":
                begun += text
            elif kind == "say":
                found += [(moment, line) for line in f"{begun}{text}".split("\n")]
                begun = ""
        return found

    @property
    def heard(self) -> list[tuple[float, str]]:
        """The lines that it heard."""
        return [(moment, text) for moment, kind, text in self.events if kind == "hear"]

    @property
    def parts(self) -> list[str]:
        """What it heard of lines that had no end."""
        return [text for _, kind, text in self.events if kind == "part"]


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
        "enter": tr("· connects"),
        "say": "→",
        "begin": "→",
        "hear": "←",
        "part": "←",
        "leave": tr("· leaves"),
        "dropped": tr("× dropped by the server"),
    }[kind]
    rest = {"begin": " …", "part": tr("  (no newline)")}.get(kind, "")
    return f"{moment:6.2f} s  {' ' * (NAME - columns(name))}{name} {what} {readable_line(text)}{rest}".rstrip()


def conversation(evidence: Evidence) -> str:
    """Return what was said and heard, the last of it, in the order of time."""
    events = [
        (moment, visit.name, kind, text) for visit in visits(evidence).values() for moment, kind, text in visit.events
    ]
    events.sort(key=lambda event: event[0])
    rows = [row(*event) for event in events]
    return "\n".join([*["       …"] * (len(rows) > SHOWN), *(fit(line, WIDTH) for line in rows[-SHOWN:])])
