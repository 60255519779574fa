"""A student's server on a socket file: its way is cleared, it listens, and it lives as long as it has clients."""

import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath

from checks.judging.client import occupant
from checks.judging.crowd import Crowd, conversation, visits
from checks.judging.picture import picture
from checks.judging.result import NOTHING, Check, Compared, Mistake, other_values
from checks.judging.seat import Evidence, Running, Seat
from checks.judging.seen import ASCII, Seen, about_ascii
from checks.judging.traced import ESCAPE
from checks.judging.verdict import CouldNotRunError
from lab.language import tr, tr_count
from lab.student.seed import Values
from lab.trace.timeline import exited, printable

DEATH = 0.3  # seconds in which a server has ended that has hung up because it ends


@dataclass
class Service:
    """A run of a server: whoever visits it, and what came of both."""

    running: Running
    crowd: Crowd
    evidence: Evidence


@contextmanager
def service(seat: Seat, slug: str, socket: str, seconds: float, keyboard: bool = False) -> Iterator[Service]:
    """Run a server, after its socket's way was cleared; what came of it is in `evidence` after the block."""
    path = seat.work / socket
    clear(seat, path)
    kind = type_of(path)
    try:
        with serving(seat, slug, path, seconds, keyboard) as served:
            served.evidence["in_the_way"] = kind
            yield served
    finally:
        clear(seat, path)


def clear(seat: Seat, path: Path) -> None:
    """Remove a socket file."""
    with seat.as_student():
        if type_of(path) == "s":
            path.unlink(missing_ok=True)


def occupied(seat: Seat, slug: str, socket: str) -> Evidence:
    """Return the evidence where another listens on the socket file, whom no server may be started over; else none.

    Raises NotStarted.
    """
    seat.program(slug)
    with seat.as_student():
        who = occupant(seat.work / socket)
    return {} if who is None else {"traces": [], "guests": [], "occupant": who}


@contextmanager
def serving(seat: Seat, slug: str, path: Path, seconds: float, keyboard: bool = False) -> Iterator[Service]:
    """Run a server as it is; what came of it is in `evidence` after the block."""
    with seat.started(slug, seconds=seconds, keyboard=keyboard) as running:
        crowd = Crowd(path, running)
        served = Service(running, crowd, {})
        yield served
        if crowd.was_just_dropped():  # by a server that is about to end?
            crowd.until(lambda: running.ended, DEATH)
        served.evidence |= {"type": type_of(path), "refused": crowd.refused}
        served.evidence |= {"ended": running.ended, "end": running.moment()}
        crowd.close()
    served.evidence |= running.evidence() | crowd.evidence()


def type_of(path: Path) -> str | None:
    """Return the letter with which ls shows a file, None if there is none."""
    try:
        return stat.filemode(path.lstat().st_mode)[0]
    except OSError:
        return None


@dataclass(frozen=True)
class Served:
    """The evidence of a run of a server."""

    evidence: Evidence
    socket: str

    @property
    def seen(self) -> Seen:
        """The trace."""
        return Seen.of(self.evidence)

    def mistake(self, key: str, rationale: str, *, advice: str, compared: Compared = NOTHING) -> Mistake:
        """Return a mistake, with what the clients said and heard; with the timeline, if nobody came."""
        rows = conversation(self.evidence) or "".join(picture(self.seen.trace) for _ in self.evidence["traces"][:1])
        return Mistake(key, rationale, advice=advice, compared=compared, rows=rows)

    def other_values(self, rationale: str, values: Values, *, compared: Compared) -> Mistake:
        """Return the mistake of a server with the values of another seat."""
        rows = conversation(self.evidence)
        return other_values(rationale, values["number"], compared=compared, rows=rows)

    @property
    def checks(self) -> tuple[Check, Check]:
        """What is looked at first of every server."""
        return (
            Check("listens", tr("it listens on a socket file"), self.listens),
            Check("lives", tr("it runs on, whoever comes and goes"), self.lives, "listens"),
        )

    def listens(self) -> None:
        """See that somebody could connect, and to the server that was started."""
        if "occupant" in self.evidence:
            raise self.is_occupied(self.evidence["occupant"])
        self.seen.stays_small()
        if self.evidence["guests"]:
            return
        if kind := self.evidence["in_the_way"]:
            raise in_the_way(self.socket, kind, picture(self.seen.trace))
        if self.is_over:
            raise self.seen.ended_otherwise(None)
        self.seen.can_tell(1)
        why, advice = self.why_refused()
        raise self.seen.mistake(
            "not-listening",
            why + self.complaint,
            advice=advice,
            compared=(
                tr("a socket on which it listens"),
                self.evidence["refused"] or self.evidence["type"] or tr("no file"),
            ),
        )

    def is_occupied(self, pid: int) -> Mistake:
        """Return the mistake of who has left another server running on the socket file."""
        who = tr("process {pid}", pid=pid) if pid else tr("another process")
        return self.mistake(
            "occupied",
            tr("{who} listens on ~/work/{socket} already, so your server was not started", who=who, socket=self.socket),
            advice=tr("an earlier try still runs, in another terminal or in the background: end it, and check again")
            + (tr(" (ps {pid}; kill {pid})", pid=pid) if pid else ""),
            compared=(tr("nobody listens yet"), who),
        )

    def why_refused(self) -> tuple[str, str]:
        """Return why nobody could connect to a server that runs: a sentence, and the hint."""
        path = f"~/work/{self.socket}"
        sentences = {
            "ENOENT": (
                tr("your server ran, and there was no {path}", path=path),
                tr(
                    "bind to the name {socket}: relative names are those of ~/work, in which it is started; what "
                    "comes before bind must not wait",
                    socket=self.socket,
                ),
            ),
            "ECONNREFUSED": (
                tr(
                    "{path} is there (type {type}), and nobody listens on it: Connection refused",
                    path=path,
                    type=self.evidence["type"],
                ),
                tr("after bind comes listen(); then stay"),
            ),
            "EPROTOTYPE": (
                tr("{path} is a socket, but none for connections: Protocol wrong type for socket", path=path),
                tr("the type is to be socket.SOCK_STREAM"),
            ),
            "EAGAIN": (
                tr("nobody accepted who connected to {path}", path=path),
                tr("after listen comes accept, again and again"),
            ),
        }
        otherwise = (
            tr("no client could connect to {path}", path=path),
            tr("socket(AF_UNIX), bind to the file's name, listen, and stay"),
        )
        return sentences.get(self.evidence["refused"], otherwise)

    @property
    def is_over(self) -> bool:
        """Whether the program itself ended before the check ended it, whatever still runs of it."""
        ended = self.seen.trace.ended
        if self.seen.trace.cut == "time":  # we came to no end with it
            raise CouldNotRunError(tr("the check took too long; try again"))
        return bool(self.evidence["ended"]) or (ended is not None and ended < self.evidence["end"])

    @property
    def outlived(self) -> bool:
        """Whether another process ran on when the program itself had ended."""
        if self.seen.trace.cut == "linger":
            return True
        ended = self.seen.ended_at(self.seen.root) + self.seen.unseen
        return any(self.seen.ended_at(history) > ended for history in self.seen.others)

    def takes_more(self, moment: float) -> bool:
        """Tell whether somebody could connect after a moment: what ran on then is a server, and not a child of one."""
        return any(visit.entered > moment for visit in visits(self.evidence).values())

    @property
    def ending(self) -> str:
        """How the program ended, in brackets; "" where that is not known."""
        return f" ({exited(self.seen.trace.exit)})" if self.seen.trace.exit else ""

    @property
    def complaint(self) -> str:
        """The first error of a process of the server, as it told it; "" if there was none but what we have caused."""
        return error_of(self.seen)

    def or_error(self, advice: str) -> str:
        """Return the advice to a server that does not do what it should: another if it has told an error."""
        if (advice and not self.complaint) or ASCII.search(self.complaint):
            return self.or_ascii(advice)
        return tr("read the error, and look at that line; run it yourself, and be its client, to see all of it")

    def or_ascii(self, advice: str) -> str:
        """Return the advice to a server that does not do what it should: another if it cannot read what is UTF-8."""
        return about_ascii() if ASCII.search(self.complaint) else advice

    def lives(self) -> None:
        """See that the server was still there when the last client had left: the program, not what it left behind."""
        if not self.is_over:
            return
        seen = self.seen
        how = exited(seen.trace.exit) if seen.trace.exit else ""
        after = seen.trace.ended or seen.trace.seconds
        if seen.status == 0 and self.outlived and self.takes_more(after):
            raise self.mistake(
                "daemon",
                tr(
                    "your program {pid} ended after {after:.1f} s, and left a server behind, which ran on",
                    pid=seen.root.pid,
                    after=after,
                ),
                advice=tr("the program itself is the server and runs until it is ended: no daemon, and no & behind it"),
                compared=(tr("it runs on"), how),
            )
        if seen.status == 0:
            advice = tr(
                "a server goes on, also when a client has left: is there a loop around accept, and what leaves it?"
            )
        elif ASCII.search(seen.last_words):
            advice = about_ascii()
        elif "UnicodeDecodeError" in seen.last_words:
            advice = tr(
                "a character may come in two parts: put the bytes together, cut at the newline, then decode the line"
            )
        elif "TimeoutError" in seen.last_words and LISTENER.search(seen.complaints):
            advice = tr(
                "it was accept that raised it: a limit is set on the connection that accept returns, and the listener "
                "waits for ever (no setdefaulttimeout)"
            )
        elif UNFORESEEN.search(seen.last_words):
            advice = self.or_error("")
        else:
            advice = tr(
                "what goes wrong with one client must end that connection, not the server: except where it can happen"
            )
        count, said = len(self.evidence["guests"]), seen.last_words
        raise self.mistake(
            "died",
            tr_count(
                count,
                "your server had {n} client, and ended after {after:.1f} s ({how}){said}",
                "your server had {n} clients, and ended after {after:.1f} s ({how}){said}",
                after=after,
                how=how,
                said=said,
            ),
            advice=advice,
            compared=(tr("it runs on"), how),
        )


def in_the_way(socket: str, kind: str, rows: str = "") -> Mistake:
    """Return the mistake of who has another file under the name of the server's socket."""
    return Mistake(
        "in-the-way",
        tr("~/work/{socket} is there, and no socket: its type is {kind}", socket=socket, kind=kind),
        advice=tr("move it away: the name is the server's"),
        compared=("s", kind),
        rows=rows,
    )


def error_of(seen: Seen) -> str:
    """Return the first error that a process of a program has told, behind its line; "" if there was none but ours."""
    text = ESCAPE.sub("", seen.trace.stderr.text or seen.trace.stdout.text)
    script = "|".join(re.escape(PurePath(word).name) for word in seen.trace.command[:2])
    where = ""
    for line in re.split(r"[\r\n]+", text):
        if found := re.search(rf'File "(?:[^"]*/)?(?:{script})", line (\d+)', line):
            where = tr("line {found}: ", found=found[1])
        elif ERROR.match(line):
            if not CAUSED.search(line):
                return tr(": {error}", error=where + printable(line[:200]))
            where = ""
    return ""


# What Python, perl, a shell and socat say of what went wrong.
ERROR = re.compile(
    r"^(?:[A-Za-z_][\w.]*(Error|Exception)\b(: .*)?$|.* at \S+ line \d+(, <.*> \w+ \d+)?\.?$|"
    r"\S+: (line )?\d+: .*|.* socat\[\d+\] [EF] .*)"
)
# What is wrong with a program, whatever its clients do.
UNFORESEEN = re.compile(
    r"\b(Name|Type|Attribute|Key|Index|Value|Syntax|Indentation|UnboundLocal|Import)Error\b|"
    r"OSError: \[Errno (9|22)\]"  # a descriptor that is closed, or one that is no listener
)
# The end of what Python tells of an accept whose time is over.
LISTENER = re.compile(r", in accept\n.*\n(\s*[~^]+\s*\n)?TimeoutError\b")
# What the clients cause who leave in the middle, and what the end of the check does.
CAUSED = re.compile(
    r"BrokenPipeError|Connection(Reset|Aborted)Error|Broken pipe|Connection reset|exiting on signal|"
    r"Terminated|Hangup|Killed|CancelledError"
)
