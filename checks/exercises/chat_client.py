"""Exercise 22: a client in the lab's own room, which answers this seat's question to whoever asks it.

The evidence is what the room's server has told the one who asked, a client of the check's own. All that is not to be
answered another has asked, the passer-by: so whom an answer is addressed to tells which question it was for, however
late a busy machine lets it come.
"""

import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from checks.judging.crowd import Crowd, Guest, conversation, visits
from checks.judging.result import Check, Mistake, Result, other_values, results
from checks.judging.seat import Evidence, Running, Seat
from checks.judging.seen import Seen
from checks.judging.serving import error_of
from checks.judging.verdict import CouldNotRunError
from lab.chat.paths import DEFAULT_SOCKET
from lab.exercises.chat_client.values import ANSWERS, QUESTIONS
from lab.language import counted, tr
from lab.student.seed import Values

SLUG = "chat-client"
ROOM = 3.0  # seconds for the room's server to answer
STARTED = 60.0  # for the program to be started, on a machine that is very busy
LOGIN = 6.0  # for it to log in: a deadline for one that never does
ANSWER = 3.0  # for its answer
LATE = 1.0  # for one that comes later than it may
MORE = 0.3  # once there was an answer: for one too many
SEAT = re.compile(rf"({'|'.join(ANSWERS)}) \d{{3}}$")  # an answer of some seat's


def observe(seat: Seat, values: Values) -> Evidence:
    """Be in the room when the program comes, and ask it: what it is not to answer, and its own question."""
    seat.program(SLUG)
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
        deliver(crowd, passer, asker, f"{asker.name}, {values['question']}?")  # which is nobody else's
        with running.paused():  # these come in one recv
            deliver(crowd, passer, asker, f"{seat.name}, {last}?")
            deliver(crowd, asker, passer, f"{seat.name}, {values['question']}?")
            deliver(crowd, passer, asker, f"{asker.name}, {last}?")
        found["asked"] = running.moment()
        await_answer(crowd, asker, running, seat.name)
        found["ended"] = running.ended
        crowd.close()
    return running.evidence() | found | crowd.evidence()


def enter(crowd: Crowd, name: str) -> tuple[Guest, Guest]:
    """Log two clients of our own in, and ask who is there; what concerns neither of them nor the student is not kept.

    Of what the second one hears, only what the first says is kept.
    """
    asker, passer = (crowd.enter(f"{role}-{secrets.token_hex(3)}") for role in ("sentry", "passer"))
    if asker and passer:
        asker.sink = lambda line: not concerns(line, name, asker.name, passer.name)
        passer.sink = lambda line: not line.startswith(f"{asker.name} : ")
        asker.say(asker.name)
        passer.say(passer.name)
        crowd.until(lambda: f"{passer.name} login" in asker.heard, ROOM)
        asker.say("/who")
        crowd.until(lambda: asker.heard and asker.heard[-1].startswith("* online"), ROOM)
        if asker.heard and asker.heard[-1].startswith("* online"):
            return asker, passer
    crowd.close()
    raise CouldNotRunError(
        tr(
            f"the lab's chat server does not answer at {crowd.path}",
            f"实验室的聊天服务器没有应答：{crowd.path}",
        )
    )


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
    checks: list[tuple[str, str, Callable[[], None]]] = [
        ("free", tr(f"{name} is not online before", f"{name} 事先不在线"), post.is_free),
        ("online", tr(f"your client logs in as {name}", f"您的客户端以 {name} 登录"), post.is_online),
        ("answers", tr("it answers who asked it", "它回答提问者"), lambda: post.has_answered(str(values["answer"]))),
        ("quiet", tr("it says nothing else", "它不说别的"), post.says_no_more),
        (
            "values",
            tr(
                f"the answer to {values['question']} is {values['answer']}",
                f"{values['question']} 的回答是 {values['answer']}",
            ),
            lambda: post.has_values(values),
        ),
    ]
    before = [None, *(key for key, _, _ in checks)]
    return results(*(Check(key, text, test, after) for (key, text, test), after in zip(checks, before, strict=False)))


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

    def mistake(self, key: str, rationale: str, *, advice: str, expected: object = "", actual: object = "") -> Mistake:
        """Return a mistake, with what was said."""
        rows = conversation(self.evidence)
        return Mistake(key, rationale, advice=advice, expected=expected, actual=actual, rows=rows)

    def is_free(self) -> None:
        """See that nobody had the name before the program came."""
        if self.evidence["was_online"]:
            raise self.mistake(
                "already-online",
                tr(
                    f"{self.name} is online already, so your client could not be",
                    f"{self.name} 已经在线，您的客户端无法再登录",
                ),
                advice=tr(
                    "leave the room in your other shells (/quit), or end your client there, and check again",
                    "在其他终端里退出聊天室（/quit），或结束那里的客户端，然后再检查",
                ),
                expected=tr("a free name", "名字空闲"),
                actual=tr("taken", "已被使用"),
            )

    def is_online(self) -> None:
        """See the program log in under the student's name."""
        if f"{self.name} login" in self.heard:
            return
        seen = Seen.of(self.evidence)
        if others := [who for who, _, _ in self.answers if self.came_meanwhile(who)]:
            raise self.other_name(others[0])
        if self.evidence["ended"] and seen.status != 0:
            raise seen.ended_otherwise(0)
        seen.can_tell(1)
        came = [name for line in self.heard if is_login(line) and (name := line.removesuffix(" login")) != self.passer]
        raise self.mistake(
            "not-online",
            tr(f"nobody logged in as {self.name}", f"没有人以 {self.name} 登录"),
            advice=tr(
                "connect to the socket that $CHAT_SOCKET names, and send your login name and a newline",
                "连接 $CHAT_SOCKET 所指的套接字，发送您的登录名和一个换行符",
            ),
            expected=f"{self.name} login",
            actual=", ".join(came[:3]) or tr("nobody", "没有人"),
        )

    def came_meanwhile(self, who: str) -> bool:
        """Tell whether another has logged in since; who was here before is somebody else's client."""
        return who != self.name and f"{who} login" in self.heard

    def other_name(self, other: str) -> Mistake:
        """Return the mistake of a client that answers under another name."""
        return self.mistake(
            "other-name",
            tr(f"the answer came from {other}, and not from {self.name}", f"回答来自 {other}，而不是 {self.name}"),
            advice=tr(
                f"the first line that a client sends is its name; yours is to be {self.name}, in one connection",
                f"客户端发送的第一行就是它的名字；您的名字应该是 {self.name}，并且始终用同一个连接",
            ),
            expected=self.name,
            actual=other,
        )

    def has_answered(self, answer: str) -> None:
        """See an answer to whoever asked, from the student's name, in time."""
        if len(self.own) > 1 and len(set(self.own)) == 1 and self.own[0][1] == self.asker:
            raise self.mistake(
                "twice",
                tr(
                    f"{self.name} was asked once, and gave the same answer {len(self.own)} times",
                    f"{self.name} 只被问了一次，却把同样的回答说了 {len(self.own)} 次",
                ),
                advice=tr(
                    "one line for one question: is it sent in two places, or by two processes?",
                    "一个问题只回答一行：是不是有两处在发送，或者有两个进程在发送？",
                ),
                expected=tr("once", "一次"),
                actual=tr(f"{len(self.own)} times", f"{len(self.own)} 次"),
            )
        if len(self.own) > 1:
            raise self.answers_all(
                tr(
                    f"{self.name} was asked its own question once, "
                    f"and answered {counted(len(self.own), 'time', 'times')}",
                    f"{self.name} 自己的问题只被问了一次，它却回答了 {len(self.own)} 次",
                ),
                len(self.own),
            )
        if not self.own:
            told = [who for who, text, whom in self.answers if (text, whom) == (answer, self.asker)]
            if others := [who for who in told if self.came_meanwhile(who)]:
                raise self.other_name(others[0])
            unaddressed = [text for _, text in self.spoken if answer in text]
            raise self.not_addressed(unaddressed[0]) if unaddressed else self.no_answer()
        moment = next(when for when, text in self.spoken if text == f"{self.own[0][1]}, {self.own[0][0]}")
        took = moment - self.evidence["asked"]
        seen = Seen.of(self.evidence)
        if took > ANSWER + seen.slack:
            seen.served(within=took - ANSWER, since=self.evidence["asked"])
            raise self.mistake(
                "late",
                tr(
                    f"{self.name} answered {took:.1f} s after it was asked",
                    f"{self.name} 在被问之后 {took:.1f} 秒才回答",
                ),
                advice=tr(
                    "answer as soon as the line is there: no sleep, and no waiting for a second line",
                    "一收到那一行就回答：不要 sleep，也不要等第二行",
                ),
                expected=tr(f"within {ANSWER:.0f} s", f"{ANSWER:.0f} 秒之内"),
                actual=f"{took:.1f} s",
            )

    def not_addressed(self, spoken: str) -> Mistake:
        """Return the mistake of a client that does not say whom it answers."""
        return self.mistake(
            "not-addressed",
            tr(f"{self.name} said: {spoken}", f"{self.name} 说：{spoken}"),
            advice=tr(
                "an answer begins with the name of who asked, a comma and a space; a message comes as NAME : TEXT",
                "回答以提问者的名字、逗号和空格开头；消息的格式是 名字 : 内容",
            ),
            expected=f"{self.asker}, …",
            actual=spoken,
        )

    def no_answer(self) -> Mistake:
        """Return the mistake of a client that says nothing."""
        seen = Seen.of(self.evidence)
        if self.evidence["ended"] and seen.status != 0:
            return seen.ended_otherwise(0)
        seen.can_tell(1)
        if self.spoken:
            how = tr(f" but this: {self.spoken[0][1]}", f"，只说了：{self.spoken[0][1]}")
            advice = tr(
                "compare what was said with your own question, as a whole; who is asked nothing says nothing",
                "把收到的内容与您的问题整个比较；没有人问它，它就不说话",
            )
        elif self.evidence["ended"] and (seen.trace.ended or 0.0) < self.evidence["asked"]:
            how = tr(": it had ended before it could answer", "：它还没回答就结束了")
            advice = tr(
                "stay in the room: a loop over the lines that come, until your question is among them",
                "留在聊天室里：循环读取收到的每一行，直到其中有您的问题",
            )
        else:
            how = error_of(seen) or (tr(", and ended", "，就结束了") if self.evidence["ended"] else "")
            advice = tr(
                "a message comes as NAME : TEXT and a newline: cut it there, and compare TEXT; send your answer with "
                "a newline too, at once (flush)",
                "消息的格式是 名字 : 内容，以换行符结尾：在冒号处切开，比较内容；回答也要以换行符结尾，并立即发送",
            )
        return self.mistake(
            "no-answer",
            (
                tr(f"{self.name} was asked, and gave no answer", f"有人问了 {self.name}，它没有回答")
                if self.spoken
                else tr(f"{self.name} was asked, and said nothing", f"有人问了 {self.name}，它什么也没说")
            )
            + how,
            advice=advice,
            expected=f"{self.asker}, …",
            actual=self.spoken[0][1] if self.spoken else tr("nothing", "什么也没说"),
        )

    def says_no_more(self) -> None:
        """See it say its answer, and nothing else."""
        [(text, whom)] = self.own
        if more := [spoken for _, spoken in self.spoken if spoken != f"{whom}, {text}"]:
            raise self.mistake(
                "speaks",
                tr(
                    f"{self.name} also said “{more[0]}”, which nobody had asked for",
                    f"{self.name} 还说了“{more[0]}”，没有人问过它这个",
                ),
                advice=self.about_more(more[0]),
                expected=tr("one line, the answer", "一行，即回答"),
                actual=tr(f"{len(more) + 1} lines", f"{len(more) + 1} 行"),
            )

    def about_more(self, spoken: str) -> str:
        """Return what helps who says more than its answer."""
        if spoken == self.name:
            return tr(
                "the name is sent once, as the first line, by one process: every later line is a message to all",
                "名字只发送一次，作为第一行，由一个进程发送：以后的每一行都是发给所有人的消息",
            )
        return tr(
            "to any other line a sentry says nothing: no else with an answer, no greeting",
            "对别的任何一行，哨兵都不说话：不要在 else 里回答，也不要打招呼",
        )

    def answers_all(self, rationale: str, count: int) -> Mistake:
        """Return the mistake of a client that answers what it is not to answer."""
        return self.mistake(
            "answers-all",
            rationale,
            advice=tr(
                "only one of them is yours: compare the whole text of the message before you answer",
                "其中只有一个是您的：先比较消息的全部内容，再回答",
            ),
            expected=tr("one answer, to your question", "只回答您的那个问题，一次"),
            actual=count,
        )

    def has_values(self, values: Values) -> None:
        """Compare the answer, and what it was an answer to, with what was asked for in this seat."""
        [(text, whom)] = self.own
        if text != values["answer"] and not SEAT.match(text):
            raise self.mistake(
                "other-words",
                tr(f"the answer was: {text}", f"回答是：{text}"),
                advice=tr(
                    f"behind the asker's name, the comma and a space comes {values['answer']}, and nothing else",
                    f"在提问者的名字、逗号和空格之后，只能是 {values['answer']}",
                ),
                expected=values["answer"],
                actual=text,
            )
        if text != values["answer"]:
            raise other_values(
                tr(f"the answer was: {text}", f"回答是：{text}"),
                values["number"],
                expected=f"{values['question']}? {values['answer']}",
                actual=text,
                rows=conversation(self.evidence),
            )
        if whom != self.asker:
            raise self.answers_all(
                tr(
                    f"{self.name} answered {whom}, who had not asked it: {values['question']}?",
                    f"{self.name} 回答了 {whom}，可是 {whom} 并没有问它“{values['question']}?”",
                ),
                1,
            )
