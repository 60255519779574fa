"""What the clients saw, and what became of the files."""

import re
from typing import Any

from checks.judging.answers import Fault, about_answers, about_lines, first_fault, said_unasked
from checks.judging.crowd import Visit, visits
from checks.judging.result import Mistake
from checks.judging.seat import Evidence
from checks.judging.seen import Seen
from checks.judging.serving import Served, in_the_way
from checks.judging.unusual import about_unusual
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
        self.answer = str(values["answer"])
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
            raise in_the_way(SOCKET, kind)
        (self.served("fresh") if self.scenes else Served(self.evidence, SOCKET)).listens()

    def fault(self, scene: str, name: str) -> Fault | None:
        """Return the first thing that is not so of a client's visit; another seat's answer is none."""
        return first_fault(
            self.visits(scene)[name], lambda answer, _: answer == self.answer or bool(SEAT.match(answer))
        )

    def answers(self) -> None:
        """See the first client get an answer to each of its lines."""
        served, fault = self.served("fresh"), self.fault("fresh", "first")
        if not fault or fault.kind in ("half", "together") or is_held_back(fault) or is_lost(served, fault):
            return
        if about_unusual(served, fault):
            return
        if mistake := about_answers(served, fault, self.answered_otherwise):
            raise mistake
        raise hangs_up(served, fault) if was_dropped(served, fault) else self.unanswered(served, fault)

    def answered_otherwise(self, served: Served, fault: Fault) -> Mistake:
        """Return the mistake of a server that says something else."""
        return served.mistake(
            "wrong-answer",
            tr("the message “{text}” was answered: {heard}", text=fault.line.text, heard=fault.heard),
            advice=tr("the answer to each message is {answer} and a newline, and nothing else", answer=self.answer),
            compared=(self.answer, fault.heard),
        )

    def unanswered(self, served: Served, fault: Fault) -> Mistake:
        """Return the mistake of a server that does not answer the first client's line."""
        served.seen.can_tell(1)
        key, sentence, advice = self.one_message() if fault.answers else self.no_answer()
        return served.mistake(
            key,
            sentence + how_ended(served) + served.complaint,
            advice=served.or_error(advice),
            compared=(tr("an answer to each line"), tr("answers: {answers}", answers=fault.answers)),
        )

    def one_message(self) -> tuple[str, str, str]:
        """Return the key, the sentence and the hint for who answers once."""
        advice = tr("a loop around recv, until it brings nothing: the client has left")
        return "one-message", tr("the first message was answered, the next was not"), advice

    def no_answer(self) -> tuple[str, str, str]:
        """Return the key, the sentence and the hint for who never answers."""
        advice = tr(
            "accept, recv, then send {answer} and a newline on the connection that accept returned", **self.values
        )
        return "no-answer", tr("the client's message was not answered"), advice

    def lines(self) -> None:
        """See an answer for each line, whatever a recv brings."""
        served, fault = self.served("fresh"), self.fault("fresh", "first")
        if fault and (mistake := about_unusual(served, fault)):
            raise mistake
        if fault and is_held_back(fault):
            raise holds_back(served, fault)
        if fault and is_lost(served, fault):
            raise loses_parts(served, fault)
        if fault and (mistake := about_lines(served, fault)):
            raise mistake

    def next_client(self) -> None:
        """See the second client answered."""
        served = self.served("fresh")
        if "second" not in self.visits("fresh"):
            raise listens_once(served, tr(": it could not connect"))
        if fault := self.fault("fresh", "second"):
            raise not_answered_next(served, fault)
        if "brief" in self.visits("fresh") and (fault := self.fault("fresh", "brief")):
            raise loses_the_last(served, fault) if fault.kind == "unanswered" else not_answered_next(served, fault)

    def lives(self) -> None:
        """See the program run on until the check ended it."""
        self.served("fresh").lives()

    def stale(self) -> None:
        """See it start over a stale file."""
        served = self.served("stale")
        if "visitor" not in self.visits("stale") or self.fault("stale", "visitor"):
            served.seen.can_tell(1)
            raise dies_on_stale(served)

    def leaves_the_living(self) -> None:
        """See a second start leave the first its socket, and end."""
        scene, served = self.scenes["twin"], self.served("twin")
        if not scene["left_alone"]:
            raise takes_over(served)
        if not scene["ended"]:
            raise stays(served.seen, tr("another server was listening"))
        if "third" not in self.visits("fresh") or self.fault("fresh", "third"):
            self.served("fresh").seen.can_tell(1)
            raise disturbs(self.served("fresh"))

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
                raise stays(seen, tr("~/work/{socket} was {what}", socket=SOCKET, what=what))

    def has_values(self) -> None:
        """Compare the answers with what was asked for in this seat."""
        came = [visit for scene in ("fresh", "stale") for visit in self.visits(scene).values()]
        if other := next((text for visit in came for _, text in visit.heard if text != self.answer), None):
            was = tr("an answer was: {other}", other=other)
            raise self.served("fresh").other_values(was, self.values, compared=(self.answer, other))


def is_held_back(fault: Fault) -> bool:
    """Tell whether a line was not answered behind which the first part of the next had come, of a server that stays."""
    begun = [moment for moment, kind, _ in fault.visit.events if kind == "begin" and moment >= fault.line.moment]
    return fault.kind == "unanswered" and fault.visit.dropped is None and bool(begun)


def holds_back(served: Served, fault: Fault) -> Mistake:
    """Return the mistake of a server to whom a line has no end before what comes behind it has one."""
    served.seen.can_tell(1)
    return served.mistake(
        "holds-back",
        tr("a client said “{text}” and half of its next line in one go: no answer to the first", text=fault.line.text)
        + served.complaint,
        advice=tr(
            "one recv may bring a line and half of the next: answer up to the last newline, and keep the rest, or let "
            "makefile() read line by line"
        ),
        compared=(tr("an answer"), tr("no answer")),
    )


def is_lost(served: Served, fault: Fault) -> bool:
    """Tell whether a line that came in parts was not answered, by a server that runs on and stays connected."""
    return fault.kind == "unanswered" and fault.line.parts and fault.visit.dropped is None and not served.is_over


def loses_parts(served: Served, fault: Fault) -> Mistake:
    """Return the mistake of a server that forgets what it has of a line when its newline comes."""
    served.seen.can_tell(1)
    return served.mistake(
        "loses-parts",
        tr("a client said “{text}” in parts, the newline last: no answer", text=fault.line.text) + served.complaint,
        advice=tr(
            "what recv brings without a newline, or behind the last one, begins the next line: keep it, and put what "
            "comes next behind it, or let makefile() read line by line"
        ),
        compared=(tr("an answer"), tr("no answer")),
    )


def hangs_up(served: Served, fault: Fault) -> Mistake:
    """Return the mistake of a server that drops who would have stayed."""
    said = fault.line.text
    if fault.kind != "dropped":
        what = tr("your server hung up instead of answering “{said}”", said=said)
    elif fault.line.is_open:
        what = tr("your server hung up when a client had said “{said}”, and not yet the end of that line", said=said)
    else:
        what = tr("your server answered “{said}”, and hung up", said=said)
    return served.mistake(
        "hangs-up",
        what + served.complaint,
        advice=served.or_error(
            tr("a client may say many lines: a loop around recv, until it returns b'', and only then close")
        ),
        compared=(tr("connected until the client leaves"), tr("dropped")),
    )


def was_dropped(served: Served, fault: Fault) -> bool:
    """Tell whether a client was hung up on by a server that runs on."""
    return fault.visit.dropped is not None and not served.is_over


def loses_the_last(served: Served, fault: Fault) -> Mistake:
    """Return the mistake of a server that does not answer who will say no more."""
    served.seen.can_tell(1)
    return served.mistake(
        "loses-the-last",
        tr(
            "a client said “{text}”, and closed its own direction only, as echo hello | socat does: no answer",
            text=fault.line.text,
        )
        + served.complaint,
        advice=tr(
            "an end of file may come together with a line: answer what there is before you close; at POLLHUP or "
            "EPOLLRDHUP there may be something to read"
        ),
        compared=(tr("an answer"), tr("no answer")),
    )


def not_answered_next(served: Served, fault: Fault) -> Mistake:
    """Return the mistake of a server that has not answered who came second."""
    if fault.kind == "unasked":
        return said_unasked(served, fault)
    if mistake := about_lines(served, fault):
        return mistake
    return hangs_up(served, fault) if was_dropped(served, fault) else listens_once(served)


def listens_once(served: Served, how: str = "") -> Mistake:
    """Return the mistake of a server for one client."""
    served.seen.can_tell(1)
    return served.mistake(
        "listens-once",
        tr("the first client was answered, the second was not") + (how_ended(served) or how) + served.complaint,
        advice=served.or_error(tr("a loop around accept: when a client has left (recv returns b''), accept the next")),
        compared=(tr("an answer"), tr("no answer")),
    )


def dies_on_stale(served: Served) -> Mistake:
    """Return the mistake of a server that cannot start where another has left its file."""
    return served.mistake(
        "dies-on-stale",
        tr("it did not serve where a killed server had left its socket file") + how_ended(served) + served.complaint,
        advice=tr("if the name is a socket, and connect to it raises ConnectionRefusedError, unlink it before bind"),
        compared=(tr("it serves"), tr("no answer")),
    )


def takes_over(served: Served) -> Mistake:
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


def disturbs(first: Served) -> Mistake:
    """Return the mistake of a server that does not go on when another asks whether it lives."""
    what = tr("your server was started a second time; after that, the first did not answer any more")
    return first.mistake(
        "disturbs",
        what + how_ended(first) + first.complaint,
        advice=tr(
            "whether a server is alive is found out by connect and close, and it must go on after a client "
            "that says nothing"
        ),
        compared=(tr("an answer"), tr("no answer")),
    )


def stays(seen: Seen, why: str) -> Mistake:
    """Return the mistake of a server that runs on where nobody can reach it."""
    seen.can_tell(1)
    if seen.root.cpu < LEAVE_ALONE:  # who loops is served, however long it waits for more
        seen.served(within=1, since=0.0)
    return seen.mistake(
        "stays",
        tr("{why}: your server left it alone, but ran on, where nobody can reach it", why=why),
        advice=tr("who cannot do its work says so and ends: sys.exit with a sentence, or let bind raise its OSError"),
        compared=(tr("an end"), tr("it runs on")),
    )


def how_ended(served: Served) -> str:
    """Return that a server had ended, and how: the end of a sentence; "" of one that runs."""
    return tr(": your server had ended") + served.ending if served.is_over else ""


def removes(seen: Seen, what: str, kind: str | None) -> Mistake:
    """Return the mistake of a server that takes a name away from something else."""
    return seen.mistake(
        "removes-anything",
        tr("~/work/{socket} was {what}, and your server removed it, or wrote over it", socket=SOCKET, what=what),
        advice=tr(
            "it may be somebody's work: unlink it only if it is a socket itself, "
            "stat.S_ISSOCK(os.lstat(path).st_mode): Path.is_socket and os.stat follow a link"
        ),
        compared=(tr("as it was"), kind or tr("no file")),
    )
