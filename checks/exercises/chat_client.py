"""Exercise 22: a client in the lab's own room, which answers this seat's question to whoever asks it.

The evidence is what the room's server has told the one who asked, a client of the check's own. All that is not to be
answered another has asked, the passer-by: so whom an answer is addressed to tells which question it was for, however
late a busy machine lets it come.
"""

import contextlib
import os
import re
import secrets
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from checks.judging.crowd import Crowd, Guest, conversation, visits
from checks.judging.result import Check, Compared, Mistake, Result, in_turn, other_values
from checks.judging.seat import Evidence, Running, Seat
from checks.judging.seen import Seen
from checks.judging.serving import error_of
from checks.judging.verdict import CouldNotRunError
from lab.chat.paths import DEFAULT_SOCKET
from lab.exercises.chat_client.values import ANSWERS, QUESTIONS
from lab.language import tr, tr_count
from lab.student.seed import Values

SLUG = "chat-client"
ROOM = 3.0  # seconds for the room's server to answer
STARTED = 60.0  # for the program to be started, on a machine that is very busy
LOGIN = 6.0  # for it to log in: a deadline for one that never does
ANSWER = 3.0  # for its answer
LATE = 1.0  # for one that comes later than it may
MORE = 0.3  # once there was an answer: for one too many
ROLES = ("sentry", "passer", "comer")
OURS = re.compile(rf"({'|'.join(ROLES)})-[0-9a-f]+$")  # a client of this check, or of a classmate's
INTERRUPTED = re.compile(r"Interrupted|EINTR|中断")
SEAT = re.compile(rf"({'|'.join(ANSWERS)}) \d{{3}}$")  # an answer of some seat's


def observe(seat: Seat, values: Values) -> Evidence:
    """Be in the room when the program comes, and ask it; once more, if it may be our own pause that has ended it."""
    seat.program(SLUG)
    found = converse(seat, values, is_paused=True)
    return converse(seat, values, is_paused=False) if may_be_interrupted(found) else found


def converse(seat: Seat, values: Values, is_paused: bool) -> Evidence:
    """Ask what is not to be answered, and the program's own question; while it is stopped, so that both come at once.

    When it goes on, epoll_wait and a recv with a timeout fail with EINTR, though it has no handler: signal(7).
    """
    crowd = Crowd(Path(os.environ.get("CHAT_SOCKET", DEFAULT_SOCKET)))
    asker, passer = enter(crowd, seat.name)
    was_online = is_listed(asker.heard[-1], seat.name)
    found: Evidence = {"seat": seat.name, "asker": asker.name, "passer": passer.name, "was_online": was_online}
    if found["was_online"]:
        crowd.close()
        return {"traces": []} | found | crowd.evidence()
    with seat.started(SLUG, seconds=30) as running:
        crowd.server = running
        await_login(crowd, asker, running, seat.name)
        *others, last = (word for word in QUESTIONS if word != values["question"])
        for question in others:
            deliver(crowd, passer, asker, f"{seat.name}, {question}?")
        for line in near_misses(seat.name, str(values["question"]), passer.name):
            deliver(crowd, passer, asker, line)
        deliver(crowd, passer, asker, f"{asker.name}, {values['question']}?")  # which is nobody else's
        let_come(crowd, asker)
        found["paused"] = running.moment()
        with running.paused() if is_paused else contextlib.nullcontext():
            deliver(crowd, passer, asker, f"{seat.name}, {last}?")
            deliver(crowd, asker, passer, f"{seat.name}, {values['question']}?")
            deliver(crowd, passer, asker, f"{asker.name}, {last}?")
        found["asked"] = running.moment()
        await_answer(crowd, asker, running, seat.name)
        found["ended"] = running.ended
        if found["ended"] and f"{seat.name} login" in asker.heard:  # so that its name is free
            crowd.until(lambda: f"{seat.name} logout" in asker.heard, ROOM)
        crowd.close()
    return running.evidence() | found | crowd.evidence()


def may_be_interrupted(found: Evidence) -> bool:
    """Tell whether a program has ended without an answer when it was stopped, and not by another error of its own."""
    if not found.get("ended") or Post(found).own:
        return False
    trace = Seen.of(found).trace
    has_no_error = not trace.stderr.text.strip() or INTERRUPTED.search(trace.stderr.text) is not None
    return has_no_error and trace.ended is not None and trace.ended >= found["paused"]


def enter(crowd: Crowd, name: str) -> tuple[Guest, Guest]:
    """Log two clients of our own in, and ask who is there; what concerns neither of them nor the student is not kept.

    Of what the second one hears, only what the first says is kept.
    """
    asker, passer = (crowd.enter(named(role)) for role in ROLES[:2])
    if asker and passer:
        asker.sink = lambda line: not concerns(line, name, asker.name, passer.name)
        passer.sink = lambda line: not line.startswith(f"{asker.name} : ")
        if is_served(crowd, asker, passer):
            return asker, passer
    crowd.close()
    raise CouldNotRunError(tr("the lab's chat server does not answer at {path}", path=crowd.path))


def named(role: str) -> str:
    """Return a name that nobody has."""
    return f"{role}-{secrets.token_hex(3)}"


def near_misses(name: str, question: str, other: str) -> list[str]:
    """Return what has a student's own question in it; the other's name in front makes a name that nobody has."""
    return [f"I asked {name}, {question}?", f"{other}{name}, {question}?"]


def let_come(crowd: Crowd, asker: Guest) -> None:
    """Let one more client come, whom nobody is to greet."""
    if comer := crowd.enter(named(ROLES[2])):
        comer.sink = lambda _: True
        comer.say(comer.name)
        crowd.until(lambda: f"{comer.name} login" in asker.heard, ROOM)


def is_served(crowd: Crowd, asker: Guest, passer: Guest) -> bool:
    """Log both in, and tell whether the first was answered who is there."""
    asker.say(asker.name)
    crowd.until(lambda: asker.heard, ROOM)  # or it may come second, and not hear of the other
    passer.say(passer.name)
    crowd.until(lambda: f"{passer.name} login" in asker.heard, ROOM)
    asker.say("/who")
    crowd.until(lambda: asker.heard and asker.heard[-1].startswith("* online"), ROOM)
    return bool(asker.heard) and asker.heard[-1].startswith("* online")


def concerns(line: str, name: str, *ours: str) -> bool:
    """Tell whether a line is the server's own, a login, or from or about one of these."""
    return line.startswith(("* ", f"{name} ")) or is_login(line) or any(own in line for own in ours)


def is_login(line: str) -> bool:
    """Tell whether somebody has come."""
    return line.endswith(" login") and " : " not in line


def is_listed(line: str, name: str) -> bool:
    """Tell whether a name is in the answer to /who, where its seat may stand behind it."""
    return re.search(rf"(: |, ){re.escape(name)}( \(|, |$)", line) is not None


def await_login(crowd: Crowd, asker: Guest, running: Running, name: str) -> None:
    """Wait until the student's client has come, or has ended; others come as well, when a whole class is graded."""
    crowd.until(lambda: running.pid is not None or running.ended, STARTED)
    crowd.until(lambda: f"{name} login" in asker.heard or running.ended, LOGIN)


def deliver(crowd: Crowd, speaker: Guest, hearer: Guest, text: str) -> None:
    """Let one of ours say something, and wait until the server has sent it on to the other."""
    speaker.say(text, note=False)  # who hears it notes it
    crowd.until(lambda: f"{speaker.name} : {text}" in hearer.heard, ROOM)


def await_answer(crowd: Crowd, asker: Guest, running: Running, name: str) -> None:
    """Wait for the answer, and a while for more; what a program says before it ends may come a moment later."""

    def has_answered() -> bool:
        return any(who == name for who, _, _ in answers(asker.heard, asker.name))

    crowd.until(lambda: has_answered() or running.ended, ANSWER + LATE)
    crowd.rest(MORE)


def answers(heard: list[str], *askers: str) -> list[tuple[str, str, str]]:
    """Return who has said what to those who asked, and to whom: name, text, asker."""
    found = (re.fullmatch(rf"(\S+) : ({'|'.join(map(re.escape, askers))}), (.*)", line) for line in heard)
    return [(match[1], match[3], match[2]) for match in found if match and match[1] not in askers]


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say who came, and what was answered."""
    post = Post(evidence)
    name = evidence["seat"]
    return in_turn(
        Check("free", tr("{name} is not online before", name=name), post.is_free),
        Check("online", tr("your client logs in as {name}", name=name), post.is_online),
        Check("answers", tr("it answers who asked it"), lambda: post.has_answered(str(values["answer"]))),
        Check("quiet", tr("it says nothing else"), post.says_no_more),
        Check("values", tr("the answer to {question} is {answer}", **values), lambda: post.has_values(values)),
    )


@dataclass(frozen=True)
class Post:
    """The evidence, and what was to happen."""

    evidence: Evidence

    @property
    def name(self) -> str:
        """The student's login name."""
        return str(self.evidence["seat"])

    @property
    def asker(self) -> str:
        """The name of the one who asked."""
        return str(self.evidence["asker"])

    @property
    def heard(self) -> list[str]:
        """The lines that the room's server has told it."""
        return [text for _, text in visits(self.evidence)[self.asker].heard]

    @property
    def passer(self) -> str:
        """The name of the other client of the check, who asks what is not to be answered."""
        return str(self.evidence["passer"])

    @property
    def answers(self) -> list[tuple[str, str, str]]:
        """Who has said what to these two, and to whom."""
        return answers(self.heard, self.asker, self.passer)

    @property
    def own(self) -> list[tuple[str, str]]:
        """What the student's client has answered, and to whom."""
        return [(text, whom) for who, text, whom in self.answers if who == self.name]

    @property
    def spoken(self) -> list[tuple[float, str]]:
        """All that the student's client has said, and when."""
        heard = visits(self.evidence)[self.asker].heard
        return [(moment, text.partition(" : ")[2]) for moment, text in heard if text.startswith(f"{self.name} : ")]

    def mistake(self, key: str, rationale: str, *, advice: str, compared: Compared) -> Mistake:
        """Return a mistake, with what was said."""
        rows = conversation(self.evidence)
        return Mistake(key, rationale, advice=advice, compared=compared, rows=rows)

    def is_free(self) -> None:
        """See that nobody had the name before the program came."""
        if self.evidence["was_online"]:
            raise self.already_online()

    def already_online(self) -> Mistake:
        """Return the mistake of who is in the room with another client."""
        return self.mistake(
            "already-online",
            tr("{name} is online already, so your client could not be", name=self.name),
            advice=tr("leave the room in your other shells (/quit), or end your client there, and check again"),
            compared=(tr("a free name"), tr("taken")),
        )

    def is_online(self) -> None:
        """See the program log in under the student's name."""
        if f"{self.name} login" in self.heard:
            return
        seen = Seen.of(self.evidence)
        if other := self.answered_instead():
            raise self.other_name(other)
        if self.evidence["ended"] and seen.status != 0:
            raise seen.ended_otherwise(0)
        seen.can_tell(1)
        came = [line.removesuffix(" login") for line in self.heard if is_login(line)]
        raise self.not_online([name for name in came if not OURS.match(name)])

    def not_online(self, came: list[str]) -> Mistake:
        """Return the mistake of a client that has not come; others may have."""
        return self.mistake(
            "not-online",
            tr("nobody logged in as {name}", name=self.name),
            advice=tr("connect to the socket that $CHAT_SOCKET names, and send your login name and a newline"),
            compared=(f"{self.name} login", ", ".join(came[:3]) or tr("nobody")),
        )

    def answered_instead(self) -> str | None:
        """Return who has come meanwhile and answered the one question, and no other, under another name.

        A classmate's client that answers whatever is asked has answered the passer-by too.
        """
        answered = Counter(who for who, _, _ in self.answers)
        once = [who for who, _, whom in self.answers if whom == self.asker and answered[who] == 1]
        return next((who for who in once if who != self.name and f"{who} login" in self.heard), None)

    def other_name(self, other: str) -> Mistake:
        """Return the mistake of a client that answers under another name."""
        return self.mistake(
            "other-name",
            tr("the answer came from {other}, and not from {name}", other=other, name=self.name),
            advice=tr(
                "the first line that a client sends is its name; yours is to be {name}, in one connection",
                name=self.name,
            ),
            compared=(self.name, other),
        )

    def has_answered(self, answer: str) -> None:
        """See an answer to whoever asked, from the student's name, in time."""
        if len(self.own) > 1:
            is_one = len(set(self.own)) == 1 and self.own[0][1] == self.asker
            raise self.answers_twice() if is_one else self.answers_often()
        if not self.own:
            raise self.not_answered(answer)
        moment = next(when for when, text in self.spoken if text == f"{self.own[0][1]}, {self.own[0][0]}")
        took = moment - self.evidence["asked"]
        seen = Seen.of(self.evidence)
        if took > ANSWER + seen.slack:
            seen.served(within=took - ANSWER, since=self.evidence["asked"])
            raise self.answers_late(took)

    def not_answered(self, answer: str) -> Mistake:
        """Return the mistake of a client that has not answered, or by another name, or nobody."""
        if other := self.answered_instead():
            return self.other_name(other)
        unaddressed = [text for _, text in self.spoken if answer in text]
        return self.not_addressed(unaddressed[0]) if unaddressed else self.no_answer()

    def answers_often(self) -> Mistake:
        """Return the mistake of a client that answers more than its own question."""
        sentence = tr_count(
            len(self.own),
            "{name} was asked its own question once, and answered {n} time",
            "{name} was asked its own question once, and answered {n} times",
            name=self.name,
        )
        return self.answers_all(sentence, len(self.own))

    def answers_twice(self) -> Mistake:
        """Return the mistake of a client that gives its answer more than once."""
        return self.mistake(
            "twice",
            tr("{name} was asked once, and gave the same answer {count} times", name=self.name, count=len(self.own)),
            advice=tr("one line for one question: is it sent in two places, or by two processes?"),
            compared=(tr("once"), tr_count(len(self.own), "{n} time", "{n} times")),
        )

    def answers_late(self, took: float) -> Mistake:
        """Return the mistake of a client that takes its time."""
        return self.mistake(
            "late",
            tr("{name} answered {took:.1f} s after it was asked", name=self.name, took=took),
            advice=tr("answer as soon as the line is there: no sleep, and no waiting for a second line"),
            compared=(tr("within {answer:.0f} s", answer=ANSWER), f"{took:.1f} s"),
        )

    def not_addressed(self, spoken: str) -> Mistake:
        """Return the mistake of a client that does not say whom it answers."""
        return self.mistake(
            "not-addressed",
            tr("{name} said: {spoken}", name=self.name, spoken=spoken),
            advice=tr(
                "an answer begins with the name of who asked, a comma and a space; a message comes as NAME : TEXT"
            ),
            compared=(f"{self.asker}, …", spoken),
        )

    def no_answer(self) -> Mistake:
        """Return the mistake of a client that says nothing to who has asked."""
        seen = Seen.of(self.evidence)
        if self.evidence["ended"] and seen.status != 0:
            return seen.ended_otherwise(0)
        seen.can_tell(1)
        asked = tr("{name} was asked, and said nothing", name=self.name)
        if self.spoken:
            asked = tr("{name} was asked, and gave no answer", name=self.name)
        how, advice = self.instead(seen)
        said = self.spoken[0][1] if self.spoken else tr("nothing")
        return self.mistake("no-answer", asked + how, advice=advice, compared=(f"{self.asker}, …", said))

    def instead(self, seen: Seen) -> tuple[str, str]:
        """Return what a client did that has given no answer, and the hint: it said something else, or ended."""
        if self.spoken:
            said = tr(" but this: {said}", said=self.spoken[0][1])
            return said, tr(
                "compare what was said with your own question, as a whole; who is asked nothing says nothing"
            )
        if self.evidence["ended"] and (seen.trace.ended or 0.0) < self.evidence["asked"]:
            stay = tr("stay in the room: a loop over the lines that come, until your question is among them")
            return tr(": it had ended before it could answer"), stay
        how = error_of(seen) or (tr(", and ended") if self.evidence["ended"] else "")
        return how, tr(
            "a message comes as NAME : TEXT and a newline: cut it there, and compare TEXT; send your answer "
            "with a newline too, at once (flush)"
        )

    def says_no_more(self) -> None:
        """See it say its answer, and nothing else."""
        [(text, whom)] = self.own
        if more := [spoken for _, spoken in self.spoken if spoken != f"{whom}, {text}"]:
            raise self.speaks(more)

    def speaks(self, more: list[str]) -> Mistake:
        """Return the mistake of a client that says what nobody has asked for."""
        return self.mistake(
            "speaks",
            tr("{name} also said “{more}”, which nobody had asked for", name=self.name, more=more[0]),
            advice=self.about_more(more[0]),
            compared=(tr("one line, the answer"), tr_count(len(more) + 1, "{n} line", "{n} lines")),
        )

    def about_more(self, spoken: str) -> str:
        """Return what helps who says more than its answer."""
        if spoken == self.name:
            return tr("the name is sent once, as the first line, by one process: every later line is a message to all")
        return tr("to any other line a sentry says nothing: no else with an answer, no greeting")

    def answers_all(self, rationale: str, count: int) -> Mistake:
        """Return the mistake of a client that answers what it is not to answer."""
        return self.mistake(
            "answers-all",
            rationale,
            advice=tr("only one of them is yours: compare the whole text of the message before you answer"),
            compared=(tr("one answer, to your question"), count),
        )

    def has_values(self, values: Values) -> None:
        """Compare the answer, and what it was an answer to, with what was asked for in this seat."""
        [(text, whom)] = self.own
        if text != values["answer"]:
            raise self.anothers(values, text) if SEAT.match(text) else self.other_words(values, text)
        if whom != self.asker:
            raise self.answers_another(whom, values["question"])

    def answers_another(self, whom: str, question: object) -> Mistake:
        """Return the mistake of a client that answers who has not asked its question."""
        name = self.name
        return self.answers_all(
            tr("{name} answered {whom}, who had not asked it: {question}?", name=name, whom=whom, question=question), 1
        )

    def anothers(self, values: Values, text: str) -> Mistake:
        """Return the mistake of a client with another seat's answer."""
        told = tr("the answer was: {text}", text=text)
        wanted, rows = f"{values['question']}? {values['answer']}", conversation(self.evidence)
        return other_values(told, values["number"], compared=(wanted, text), rows=rows)

    def other_words(self, values: Values, text: str) -> Mistake:
        """Return the mistake of an answer that is no seat's."""
        return self.mistake(
            "other-words",
            tr("the answer was: {text}", text=text),
            advice=tr(
                "behind the asker's name, the comma and a space comes {answer}, and nothing else",
                answer=values["answer"],
            ),
            compared=(values["answer"], text),
        )
