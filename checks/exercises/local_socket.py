"""Exercise 2: a server on a socket file, for one client after the other, over a stale file but over nothing else."""

import contextlib
import os
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from checks.judging.answers import Fault, about_lines, first_fault, said_unasked
from checks.judging.client import START
from checks.judging.crowd import LISTEN, Crowd, Guest, Visit, visits
from checks.judging.reach import within_reach
from checks.judging.result import Check, Mistake, Result, in_turn
from checks.judging.seat import Evidence, Running, Seat
from checks.judging.seen import Seen
from checks.judging.serving import Served, clear, occupied, serving, type_of
from lab import proc
from lab.language import tr
from lab.student.seed import Values

SLUG = "local-socket"
SOCKET = "echo.sock"
ANSWER = 2.0  # seconds for an answer: a deadline for one that never comes
LEAVE_ALONE = 5.0  # seconds for which a server sleeps that has found that the name is taken, and runs on
PRECIOUS = "not a socket: put here by lab check\n"
NOWHERE = "put-here-by-lab-check"  # where a link leads
SEAT = re.compile(r"收到消息 \d{3}$")  # an answer of some seat's


def observe(seat: Seat, values: Values) -> Evidence:
    """Start the server with nothing in its way, a second time beside it, and with a stale socket and other files."""
    if found := occupied(seat, SLUG, SOCKET):
        return found
    path = seat.work / SOCKET
    with seat.as_student():
        remove_own(path)
    if type_of(path) not in ("s", None):
        return {"traces": [], "guests": [], "in_the_way": type_of(path)}
    scenes: dict[str, Evidence] = {}
    try:
        for scene in (fresh, stale, in_its_way):
            if not scene(seat, path, scenes):
                break
    finally:
        clear(seat, path)
    traces = [found.pop("traces")[0] for found in scenes.values()]
    for number, name in enumerate(scenes):
        scenes[name]["trace"] = number
    return {"traces": traces, "late": max(found["late"] for found in scenes.values()), "scenes": scenes}


def remove_own(path: Path) -> None:
    """Remove what an earlier check has put in the server's way, should it have been killed before it could."""
    with contextlib.suppress(OSError):
        is_ours = path.is_symlink() and os.readlink(path) == NOWHERE  # noqa: PTH115 (a Path would be another string)
        if is_ours or (type_of(path) == "-" and path.read_bytes() == PRECIOUS.encode()):
            path.unlink()


def fresh(seat: Seat, path: Path, scenes: dict[str, Evidence]) -> bool:
    """Let two clients come, one after the other, then start the server once more beside it, and let a third come."""
    clear(seat, path)
    scenes["fresh"] = {}  # the first that is shown
    with serving(seat, SLUG, path, seconds=60) as served:
        crowd = served.crowd
        if is_good := first_client(crowd) and client(crowd, "second"):
            scenes["twin"] = beside(seat, path)
            client(crowd, "third")
    scenes["fresh"] = served.evidence | {"in_the_way": None}
    return is_good


def first_client(crowd: Crowd) -> bool:
    """Say two things, two more in one go, and one in two parts; tell whether all was answered."""
    if not (guest := crowd.enter("first")):
        return False
    is_good = all(say(crowd, guest, text) for text in ("你好", "hello", "one\ntwo"))
    if is_good:
        crowd.say_in_parts(guest, b"one half and ", b"the other")
        is_good = is_answered(crowd, guest)
    guest.leave()
    return is_good


def client(crowd: Crowd, name: str) -> bool:
    """Come, say a thing, and leave; tell whether it was answered."""
    if not (guest := crowd.enter(name)):
        return False
    is_good = say(crowd, guest, "hello")
    guest.leave()
    return is_good


def say(crowd: Crowd, guest: Guest, text: str) -> bool:
    """Say something, and tell whether each line of it is answered."""
    guest.say(text)
    return is_answered(crowd, guest, text.count("\n") + 1)


def is_answered(crowd: Crowd, guest: Guest, lines: int = 1) -> bool:
    """Wait until there are as many answers as there were lines; tell whether the server has not hung up."""
    came = crowd.until(lambda: guest.is_answered, ANSWER * lines)
    crowd.rest(LISTEN if came else 0)  # who says more than was asked for does it now
    return came and guest.is_open


def beside(seat: Seat, path: Path) -> Evidence:
    """Start the server a second time, while the first is alive."""
    before = identity(path)
    return start_over(seat, path, lambda: identity(path) == before)


def identity(path: Path) -> tuple[int, int] | None:
    """Return which file it is, None if there is none."""
    with contextlib.suppress(OSError):
        status = path.lstat()
        return status.st_dev, status.st_ino
    return None


def stale(seat: Seat, path: Path, scenes: dict[str, Evidence]) -> bool:
    """Start it where a socket file is that nobody listens on."""
    with seat.as_student():
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as end, within_reach(path) as near:
            end.bind(near)
    with serving(seat, SLUG, path, seconds=20) as served:
        is_good = client(served.crowd, "visitor")
    scenes["stale"] = served.evidence | {"in_the_way": None}
    return is_good


def in_its_way(seat: Seat, path: Path, scenes: dict[str, Evidence]) -> bool:
    """Start it where something that is no socket has the name."""
    for name, put in (("file", put_file), ("fifo", os.mkfifo), ("link", put_link)):
        with seat.as_student():
            path.unlink(missing_ok=True)
            put(path)
        before = look_at(seat, path)
        try:
            scenes[name] = start_over(seat, path, lambda before=before: look_at(seat, path) == before)  # type: ignore[misc]
        finally:
            with seat.as_student():
                path.unlink(missing_ok=True)
        if not (scenes[name]["left_alone"] and scenes[name]["ended"]):
            return False
    return True


def put_file(path: Path) -> None:
    """Put a regular file there."""
    path.write_text(PRECIOUS, encoding="utf-8")


def put_link(path: Path) -> None:
    """Put a link there that leads nowhere."""
    path.symlink_to(NOWHERE)


def look_at(seat: Seat, path: Path) -> list[object]:
    """Return all that must stay as it is of a file."""
    found: list[object] = [identity(path), type_of(path)]
    with contextlib.suppress(OSError):
        if found[1] == "-":
            found.append(path.read_bytes()[:1000])
    return found


def start_over(seat: Seat, path: Path, is_intact: Callable[[], bool]) -> Evidence:
    """Start the server where the name is taken, until it ends, or sleeps for long; see whether all stays as it is."""
    with seat.started(SLUG, seconds=30) as running:
        slept_since = began = time.monotonic()
        while not running.ended and is_intact():
            now = time.monotonic()
            if not is_asleep(running):  # on a busy machine it may not have come so far yet
                slept_since = now
            if now > min(slept_since + LEAVE_ALONE, began + START + LEAVE_ALONE):
                break
            time.sleep(0.02)
        ended = running.ended
    return {"left_alone": is_intact(), "type": type_of(path), "ended": ended} | running.evidence()


def is_asleep(running: Running) -> bool:
    """Tell whether the program was started, and none of it runs or may run."""
    stats = [stat for stat in map(proc.read_stat, proc.pids()) if stat and stat.pgid == running.pid]
    return bool(stats) and all(stat.state != "R" for stat in stats)


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say what the clients saw, and what became of the files."""
    post = Post(evidence, values)
    return in_turn(
        Check("listens", tr("it listens on a socket file"), post.listens),
        Check("answers", tr("it answers each message"), post.answers),
        Check("lines", tr("a message is a line, in however many pieces, and so is an answer"), post.lines),
        Check("next-client", tr("it serves the next client"), post.next_client),
        Check("lives", tr("it runs until it is ended"), post.lives),
        Check("stale", tr("it starts over a stale socket file"), post.stale),
        Check("alive", tr("it leaves the socket of a live server alone"), post.leaves_the_living),
        Check("leaves-alone", tr("it leaves a file that is no socket alone"), post.leaves_alone),
        Check("values", tr("the answer is: {answer}", answer=values["answer"]), post.has_values),
    )


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
