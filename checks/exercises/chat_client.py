"""Exercise 22: a client in the lab's own room, which answers this seat's question to whoever asks it.

The evidence is what the room's server has told the one who asked, a client of the check's own.
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
from checks.verdict import CouldNotRunError
from lab import proc
from lab.chat.paths import DEFAULT_SOCKET
from lab.exercises.chat_client.values import QUESTIONS
from lab.exercises.seed import Values
from lab.language import tr

SLUG = "chat-client"
ROOM = 3.0  # seconds for the room's server to answer
STARTED = 60.0  # for the program to be started, on a machine that is very busy
LOGIN = 6.0  # for it to log in: a deadline for one that never does
EARLY = 0.3  # for an answer to another question, or longer if the machine is busy
ANSWER = 3.0
MORE = 0.5  # once there was an answer: for one too many, or the right one after a wrong one


def observe(seat: Seat, values: Values) -> Evidence:
    """Be in the room when the program comes, and ask it: first what it is not to answer, then its own question."""
    seat.program(SLUG)
    crowd = Crowd(Path(os.environ.get("CHAT_SOCKET", DEFAULT_SOCKET)))
    asker = enter(crowd, seat.name)
    found: Evidence = {"seat": seat.name, "asker": asker.name, "was_online": is_listed(asker.heard[-1], seat.name)}
    if found["was_online"]:
        crowd.close()
        return {"traces": []} | found | crowd.evidence()
    with seat.started(SLUG, seconds=30) as running:
        crowd.server = running
        await_login(crowd, asker, running, seat.name)
        *others, last = (word for word in QUESTIONS if word != values["question"])
        for question in others:
            asker.say(f"{seat.name}, {question}?")
        asker.say(f"{asker.name}, {values['question']}?")  # which is nobody else's
        await_delivery(crowd, asker)
        crowd.until(lambda: answers(asker.heard, asker.name) or running.ended, EARLY)
        crowd.until(lambda: answers(asker.heard, asker.name) or is_idle(running), ANSWER)
        with running.paused():  # both come in one recv
            asker.say(f"{seat.name}, {last}?")
            asker.say(f"{seat.name}, {values['question']}?")
            await_delivery(crowd, asker)
        await_answers(crowd, asker, running)
        found["ended"] = running.ended
        crowd.close()
    return running.evidence() | found | crowd.evidence()


def enter(crowd: Crowd, name: str) -> Guest:
    """Log a client of our own in, and ask who is there; what concerns neither it nor the student is not kept."""
    asker = crowd.enter(f"sentry-{secrets.token_hex(3)}")
    if asker:
        asker.sink = lambda line: not concerns(line, name, asker.name)
        asker.say(asker.name)
        asker.say("/who")
        crowd.until(lambda: asker.heard and asker.heard[-1].startswith("* online"), ROOM)
    if not asker or not asker.heard or not asker.heard[-1].startswith("* online"):
        crowd.close()
        raise CouldNotRunError(
            tr(
                f"the lab's chat server does not answer at {crowd.path}",
                f"实验室的聊天服务器没有应答：{crowd.path}",
            )
        )
    return asker


def concerns(line: str, name: str, asker: str) -> bool:
    """Tell whether a line is the server's own, a login, or from or about these two."""
    return line.startswith(("* ", f"{name} ")) or is_login(line) or asker in line


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


def await_delivery(crowd: Crowd, asker: Guest) -> None:
    """Wait until the server has sent on what was said: it answers one line after the other."""
    before = roll_calls(asker)
    asker.say("/who")
    crowd.until(lambda: roll_calls(asker) > before, ROOM)


def roll_calls(asker: Guest) -> int:
    """Return how often it was told who is there."""
    return sum(line.startswith("* online") for line in asker.heard)


def is_idle(running: Running) -> bool:
    """Tell whether the program waits, or has ended; one that a busy machine does not serve is ready to run (R)."""
    return all(process.state != "R" for process in proc.descendants(running.recording.job.leader, proc.snapshot()))


def await_answers(crowd: Crowd, asker: Guest, running: Running) -> None:
    """Wait for an answer, and a while for a second; what a program says before it ends may come a moment later."""
    crowd.until(lambda: answers(asker.heard, asker.name) or running.ended, ANSWER)
    crowd.until(lambda: len(answers(asker.heard, asker.name)) > 1, MORE)


def answers(heard: list[str], asker: str) -> list[tuple[str, str]]:
    """Return who has said what to the one who asked."""
    found = (re.fullmatch(rf"(\S+) : {re.escape(asker)}, (.*)", line) for line in heard)
    return [(match[1], match[2]) for match in found if match]


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say who came, and what was answered."""
    post = Post(evidence)
    name = evidence["seat"]
    checks: list[tuple[str, str, Callable[[], None]]] = [
        ("free", tr(f"{name} is not online before", f"{name} 事先不在线"), post.is_free),
        ("online", tr(f"your client logs in as {name}", f"您的客户端以 {name} 登录"), post.is_online),
        ("answers", tr("it answers who asked it", "它回答提问者"), post.has_answered),
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
    def answers(self) -> list[tuple[str, str]]:
        """Who has said what to it."""
        return answers(self.heard, self.asker)

    @property
    def questions(self) -> list[str]:
        """What it has asked; the last is the student's."""
        return [text for _, text in visits(self.evidence)[self.asker].said if text.endswith("?")]

    @property
    def is_early(self) -> bool:
        """Whether the student's client said something to it before its last question, which is the student's."""
        events = visits(self.evidence)[self.asker].events
        last = max(number for number, (_, kind, text) in enumerate(events) if kind == "say" and text.endswith("?"))
        before = [text for _, kind, text in events[:last] if kind == "hear"]
        return any(who == self.name for who, _ in answers(before, self.asker))

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
        others = [who for who, _ in self.answers if who != self.name]
        if others:
            raise self.mistake(
                "other-name",
                tr(
                    f"the answer came from {others[0]}, and not from {self.name}",
                    f"回答来自 {others[0]}，而不是 {self.name}",
                ),
                advice=tr(
                    f"the first line that a client sends is its name; yours is to be {self.name}",
                    f"客户端发送的第一行就是它的名字；您的名字应该是 {self.name}",
                ),
                expected=self.name,
                actual=others[0],
            )
        if self.evidence["ended"] and seen.status != 0:
            raise seen.ended_otherwise(0)
        seen.can_tell(1)
        came = [line.removesuffix(" login") for line in self.heard if is_login(line)]
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

    def has_answered(self) -> None:
        """See an answer to whoever asked, from the student's name."""
        own = [text for who, text in self.answers if who == self.name]
        if len(own) > 1:
            raise self.answers_all(
                tr(
                    f"{self.asker} asked {len(self.questions)} questions, and was answered {len(own)} times",
                    f"{self.asker} 问了 {len(self.questions)} 个问题，得到了 {len(own)} 次回答",
                ),
                len(own),
            )
        if own:
            return
        spoken = [line.partition(" : ")[2] for line in self.heard if line.startswith(f"{self.name} : ")]
        seen = Seen.of(self.evidence)
        if not spoken and self.evidence["ended"] and seen.status != 0:
            raise seen.ended_otherwise(0)
        if not spoken:
            seen.can_tell(1)
        raise self.mistake(
            "not-addressed" if spoken else "no-answer",
            tr(
                f"{self.name} said: {spoken[0]}" if spoken else f"{self.name} was asked, and said nothing",
                f"{self.name} 说：{spoken[0]}" if spoken else f"有人问了 {self.name}，它什么也没说",
            ),
            advice=tr(
                "an answer begins with the name of who asked, a comma and a space; a message comes as NAME : TEXT",
                "回答以提问者的名字、逗号和空格开头；消息的格式是 名字 : 内容",
            )
            if spoken
            else tr(
                "a message comes as NAME : TEXT and a newline: cut it there, and compare TEXT; send your answer with "
                "a newline too, at once (flush)",
                "消息的格式是 名字 : 内容，以换行符结尾：在冒号处切开，比较内容；回答也要以换行符结尾，并立即发送",
            ),
            expected=f"{self.asker}, …",
            actual=spoken[0] if spoken else tr("nothing", "什么也没说"),
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
        [text] = [text for who, text in self.answers if who == self.name]
        if text != values["answer"]:
            raise other_values(
                tr(f"the answer was: {text}", f"回答是：{text}"),
                values["number"],
                expected=f"{values['question']}? {values['answer']}",
                actual=text,
                rows=conversation(self.evidence),
            )
        if self.is_early:
            raise self.answers_all(
                tr(
                    f"{self.asker} was answered before it had asked: {self.questions[-1]}",
                    f"{self.asker} 还没有问“{self.questions[-1]}”，就得到了回答",
                ),
                1,
            )
