"""What the clients saw, and what became of the files."""

import re
from typing import Any

from checks.judging.answers import Fault, about_lines, first_fault, said_unasked
from checks.judging.crowd import Visit, visits
from checks.judging.result import Mistake
from checks.judging.seat import Evidence
from checks.judging.seen import Seen
from checks.judging.serving import Served
from lab.language import tr
from lab.student.seed import Values

SOCKET = "echo.sock"
LEAVE_ALONE = 5.0  # seconds for which a server sleeps that has found that the name is taken, and runs on
SEAT = re.compile(r"收到消息 \d{3}$")  # an answer of some seat's


class Post:
    """The evidence, and what was to happen."""

    def __init__(self, evidence: Evidence, values: Values) -> None:
        self.evidence = evidence
        self.values = values
        self.scenes: dict[str, Any] = evidence.get("scenes", {})

    def served(self, scene: str) -> Served:
        """Return what is known of one start."""
        own = {"traces": [self.evidence["traces"][self.scenes[scene]["trace"]]], "late": self.evidence["late"]}
        return Served(self.scenes[scene] | own, SOCKET)

    def visits(self, scene: str) -> dict[str, Visit]:
        """Return the clients of one start."""
        return visits(self.scenes[scene])

    def listens(self) -> None:
        """See a socket file, and a client connect."""
        if not self.scenes and (kind := self.evidence.get("in_the_way")):
            raise self.in_the_way(kind)
        (self.served("fresh") if self.scenes else Served(self.evidence, SOCKET)).listens()

    def in_the_way(self, kind: str) -> Mistake:
        """Return the mistake of a file that has the server's name."""
        return Mistake(
            "in-the-way",
            tr("~/work/{socket} is there, and no socket: its type is {kind}", socket=SOCKET, kind=kind),
            advice=tr("move it away: the name is the server's"),
            compared=("s", kind),
        )

    def fault(self, scene: str, name: str) -> Fault | None:
        """Return the first thing that is not so of a client's visit."""
        return first_fault(
            self.visits(scene)[name], lambda answer, _: answer == self.values["answer"] or is_alike(answer)
        )

    def answers(self) -> None:
        """See the first client get an answer to each of its lines."""
        served, fault = self.served("fresh"), self.fault("fresh", "first")
        if not fault or fault.kind in ("half", "together"):
            return
        if fault.kind == "unasked":
            raise said_unasked(served, fault)
        if fault.kind == "wrong":
            raise self.answered_otherwise(served, fault)
        if mistake := about_lines(served, fault):
            raise mistake
        if fault.visit.dropped is not None and not served.is_over:
            raise hangs_up(served, fault)
        raise self.unanswered(served, fault)

    def answered_otherwise(self, served: Served, fault: Fault) -> Mistake:
        """Return the mistake of a server that says something else."""
        answer = self.values["answer"]
        return served.mistake(
            "wrong-answer",
            tr("the message “{text}” was answered: {heard}", text=fault.line.text, heard=fault.heard),
            advice=tr("the answer to each message is {answer} and a newline, and nothing else", answer=answer),
            compared=(answer, fault.heard),
        )

    def unanswered(self, served: Served, fault: Fault) -> Mistake:
        """Return the mistake of a server that does not answer the first client's line."""
        served.seen.can_tell(1)
        how = ended(served) if served.is_over else ""
        key = "one-message" if fault.answers else "no-answer"
        sentence = (
            tr("the first message was answered, the next was not")
            if fault.answers
            else tr("the client's message was not answered")
        )
        advice = (
            tr("a loop around recv, until it brings nothing: the client has left")
            if fault.answers
            else tr(
                "accept, recv, then send {answer} and a newline on the connection that accept returned",
                answer=self.values["answer"],
            )
        )
        return served.mistake(
            key,
            sentence + how + served.complaint,
            advice=served.or_error(advice),
            compared=(tr("an answer to each line"), tr("answers: {answers}", answers=fault.answers)),
        )

    def lines(self) -> None:
        """See an answer for each line, whatever a recv brings."""
        served, fault = self.served("fresh"), self.fault("fresh", "first")
        if fault and (mistake := about_lines(served, fault)):
            raise mistake

    def next_client(self) -> None:
        """See the second client answered."""
        served = self.served("fresh")
        if "second" in self.visits("fresh"):
            fault = self.fault("fresh", "second")
            if not fault:
                return
            if fault.kind == "unasked":
                raise said_unasked(served, fault)
            if mistake := about_lines(served, fault):
                raise mistake
            if fault.visit.dropped is not None and not served.is_over:
                raise hangs_up(served, fault)
            how = ""
        else:
            how = tr(": it could not connect")
        served.seen.can_tell(1)
        if served.is_over:
            how = ended(served)
        raise self.listens_once(served, how)

    def listens_once(self, served: Served, how: str) -> Mistake:
        """Return the mistake of a server for one client."""
        return served.mistake(
            "listens-once",
            tr("the first client was answered, the second was not") + how + served.complaint,
            advice=served.or_error(
                tr("a loop around accept: when a client has left (recv returns b''), accept the next")
            ),
            compared=(tr("an answer"), tr("no answer")),
        )

    def lives(self) -> None:
        """See the program run on until the check ended it."""
        self.served("fresh").lives()

    def stale(self) -> None:
        """See it start over a stale file."""
        served = self.served("stale")
        if "visitor" in self.visits("stale") and not self.fault("stale", "visitor"):
            return
        served.seen.can_tell(1)
        how = ended(served) if served.is_over else ""
        raise self.dies_on_stale(served, how)

    def dies_on_stale(self, served: Served, how: str) -> Mistake:
        """Return the mistake of a server that cannot start where another has left its file."""
        return served.mistake(
            "dies-on-stale",
            tr("it did not serve where a killed server had left its socket file") + how + served.complaint,
            advice=tr(
                "if the name is a socket, and connect to it raises ConnectionRefusedError, unlink it before bind"
            ),
            compared=(tr("it serves"), tr("no answer")),
        )

    def leaves_the_living(self) -> None:
        """See a second start leave the first its socket, and end."""
        scene, served = self.scenes["twin"], self.served("twin")
        if not scene["left_alone"]:
            raise self.takes_over(served)
        if not scene["ended"]:
            raise self.stays(served.seen, tr("another server was listening"))
        first = self.served("fresh")
        if "third" not in self.visits("fresh") or self.fault("fresh", "third"):
            first.seen.can_tell(1)
            raise self.disturbs(first)

    def takes_over(self, served: Served) -> Mistake:
        """Return the mistake of a server that takes the name away from one that lives."""
        return served.seen.mistake(
            "takes-over",
            tr(
                "your server was serving on ~/work/{socket}; started a second time, it took the name away from "
                "the first, which runs on, and nobody can reach it",
                socket=SOCKET,
            ),
            advice=tr(
                "before you unlink a socket, connect to it: if that works, somebody serves there, so end; at "
                "ConnectionRefusedError nobody listens any more"
            ),
            compared=(tr("the same socket file"), tr("removed, or another")),
        )

    def disturbs(self, first: Served) -> Mistake:
        """Return the mistake of a server that does not go on when another asks whether it lives."""
        return first.mistake(
            "disturbs",
            tr("your server was started a second time; after that, the first did not answer any more")
            + (ended(first) if first.is_over else "")
            + first.complaint,
            advice=tr(
                "whether a server is alive is found out by connect and close, and it must go on after a client "
                "that says nothing"
            ),
            compared=(tr("an answer"), tr("no answer")),
        )

    def leaves_alone(self) -> None:
        """See each file that is no socket as it was, and the server gone."""
        words = {"file": tr("a regular file"), "fifo": tr("a FIFO"), "link": tr("a symbolic link")}
        for name, what in words.items():
            if name not in self.scenes:
                return
            scene, seen = self.scenes[name], self.served(name).seen
            if not scene["left_alone"]:
                raise removes(seen, what, scene["type"])
            if not scene["ended"]:
                raise self.stays(seen, tr("~/work/{socket} was {what}", socket=SOCKET, what=what))

    def stays(self, seen: Seen, why: str) -> Mistake:
        """Return the mistake of a server that runs on where nobody can reach it."""
        seen.can_tell(1)
        if seen.root.cpu < LEAVE_ALONE:  # who loops is served, however long it waits for more
            seen.served(within=1, since=0.0)
        return seen.mistake(
            "stays",
            tr("{why}: your server left it alone, but ran on, where nobody can reach it", why=why),
            advice=tr(
                "who cannot do its work says so and ends: sys.exit with a sentence, or let bind raise its OSError"
            ),
            compared=(tr("an end"), tr("it runs on")),
        )

    def has_values(self) -> None:
        """Compare the answers with what was asked for in this seat."""
        wanted = str(self.values["answer"])
        heard = [
            text for scene in ("fresh", "stale") for visit in self.visits(scene).values() for _, text in visit.heard
        ]
        if other := next((text for text in heard if text != wanted), None):
            was = tr("an answer was: {other}", other=other)
            raise self.served("fresh").other_values(was, self.values, compared=(wanted, other))


def is_alike(answer: str) -> bool:
    """Tell whether an answer might be the one of another seat."""
    return SEAT.match(answer) is not None


def hangs_up(served: Served, fault: Fault) -> Mistake:
    """Return the mistake of a server that drops who would have stayed."""
    said = fault.line.text
    what = (
        tr("your server answered “{said}”, and hung up", said=said)
        if fault.kind == "dropped"
        else tr("your server hung up instead of answering “{said}”", said=said)
    )
    return served.mistake(
        "hangs-up",
        what + served.complaint,
        advice=served.or_error(
            tr("a client may say many lines: a loop around recv, until it returns b'', and only then close")
        ),
        compared=(tr("connected until the client leaves"), tr("dropped")),
    )


def ended(served: Served) -> str:
    """Return that the server had ended, and how: the end of a sentence."""
    return tr(": your server had ended") + served.ending


def removes(seen: Seen, what: str, kind: str | None) -> Mistake:
    """Return the mistake of a server that takes a name away from something else."""
    return seen.mistake(
        "removes-anything",
        tr("~/work/{socket} was {what}, and your server removed it, or wrote over it", socket=SOCKET, what=what),
        advice=tr("it may be somebody's work: unlink it only if it is a socket (Path.is_socket, or stat.S_ISSOCK)"),
        compared=(tr("as it was"), kind or tr("no file")),
    )
