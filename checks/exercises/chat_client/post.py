"""What the two other clients heard of the program, and what is made of it."""

import re
from collections import Counter
from dataclasses import dataclass

from checks.exercises.chat_client.words import ANSWER, OURS, SEAT, answers, is_login
from checks.judging.crowd import conversation, visits
from checks.judging.result import Compared, Mistake, other_values
from checks.judging.seat import Evidence
from checks.judging.seen import Seen, about_ascii
from checks.judging.serving import error_of
from lab.language import tr, tr_count
from lab.student.seed import Values

NOT_ASCII = re.compile(r"[^\x00-\x7f]")


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
            tr("nobody logged in as {name}", name=self.name) + error_of(Seen.of(self.evidence)),
            advice=tr("connect to the socket that $CHAT_SOCKET names, and send your login name and a newline"),
            compared=(f"{self.name} login", ", ".join(came[:3]) or tr("nobody")),
        )

    def answered_instead(self) -> str | None:
        """Return who has come meanwhile and answered the one question, and no other, under another name.

        A classmate's client that answers whatever is asked has answered the passer-by too.
        """
        answered = Counter(who for who, _, _ in self.answers)
        once = [who for who, _, whom in self.answers if whom == self.asker and answered[who] == 1]
        others = [who for who in once if who != self.name and f"{who} login" in self.heard]
        return next((who for who in others if self.was_there_when(who)), None)

    def was_there_when(self, other: str) -> bool:
        """Tell whether any process of the program was left when another name has answered: else it was a classmate."""
        seen, answer = Seen.of(self.evidence), f"{other} : {self.asker}, "
        moment = next(when for when, text in visits(self.evidence)[self.asker].heard if text.startswith(answer))
        return any(seen.ended_at(history) + seen.unseen + seen.late >= moment for history in seen.trace.processes)

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
        if not unaddressed:
            return self.no_answer()
        if (address := unaddressed[0].partition(",")[0].lstrip("\ufffd?")) and address in self.asker:
            return self.part_of_a_name(unaddressed[0], is_ascii=address == NOT_ASCII.sub("", self.asker))
        return self.not_addressed(unaddressed[0])

    def part_of_a_name(self, spoken: str, is_ascii: bool) -> Mistake:
        """Return the mistake of a client that has lost some of the name that it answers, as what is not ASCII."""
        cut = tr(
            "the name is all that stands before the first “ : ”, and may be long; a line may come in more than one "
            "recv: keep what has no newline yet until the rest comes"
        )
        return self.mistake(
            "not-ascii" if is_ascii else "part-of-a-name",
            tr("{name} was asked by {asker}, and said: {spoken}", name=self.name, asker=self.asker, spoken=spoken),
            advice=about_ascii() if is_ascii else cut,
            compared=(f"{self.asker}, …", spoken),
        )

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
            "a message comes as NAME : TEXT and a newline, several in one recv, or one in two: keep what has no "
            "newline yet, cut it there, and compare TEXT; send your answer with a newline too, at once (flush)"
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
