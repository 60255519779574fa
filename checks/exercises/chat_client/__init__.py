"""Exercise 22: a client in the lab's own room, which answers this seat's question to whoever asks it.

The evidence is what the room's server has told the one who asked, a client of the check's own. All that is not to be
answered another has asked, the passer-by: so whom an answer is addressed to tells which question it was for, however
late a busy machine lets it come.
"""

import contextlib
import os
import secrets
from pathlib import Path

from checks.exercises.chat_client.post import Post
from checks.exercises.chat_client.words import (
    ANSWER,
    LATE,
    LOGIN,
    MORE,
    ROLES,
    ROOM,
    SLUG,
    STARTED,
    STRADDLED,
    answers,
    concerns,
    is_listed,
)
from checks.judging.crowd import LISTEN, Crowd, Guest
from checks.judging.interrupted import may_be_interrupted
from checks.judging.result import Check, Result, in_turn
from checks.judging.seat import Evidence, Running, Seat
from checks.judging.unusual import FOREIGN, LONG
from checks.judging.verdict import CouldNotRunError
from lab.chat.paths import DEFAULT_SOCKET
from lab.exercises.chat_client.values import QUESTIONS
from lab.language import tr
from lab.student.seed import Values


def observe(seat: Seat, values: Values) -> Evidence:
    """Be in the room when the program comes, and ask it; once more, if it may be our own pause that has ended it."""
    seat.program(SLUG)
    found = converse(seat, values, is_paused=True)
    is_told_again = may_be_interrupted(found) and not Post(found).own
    return converse(seat, values, is_paused=False) if is_told_again else found


def converse(seat: Seat, values: Values, is_paused: bool) -> Evidence:
    """Ask what is not to be answered, and the program's own question; while it is stopped, so that both come at once.

    When it goes on, some calls may fail with EINTR.
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
            ask_at_once(crowd, asker, passer, seat.name, (last, str(values["question"])))
        found["asked"] = running.moment()
        await_answer(crowd, asker, running, seat.name)
        found["ended"] = running.ended
        if found["ended"] and f"{seat.name} login" in asker.heard:  # so that its name is free
            crowd.until(lambda: f"{seat.name} logout" in asker.heard, ROOM)
        crowd.close()
    return running.evidence() | found | crowd.evidence()


def ask_at_once(crowd: Crowd, asker: Guest, passer: Guest, name: str, questions: tuple[str, str]) -> None:
    """Ask another's question and, behind a long line, its own; a program that is stopped reads them in one."""
    others, own = questions
    before = asker.received  # which is what the program has to read as well
    deliver(crowd, passer, asker, f"{name}, {others}?")
    deliver(crowd, passer, asker, filling(asker.received - before + len(f"{passer.name} : \n")))
    deliver(crowd, asker, passer, f"{name}, {own}?")
    deliver(crowd, passer, asker, f"{asker.name}, {others}?")


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
    """Return what has a student's own question in it, or most of it, or little; no name is the other's with theirs."""
    asked = f"{name}, {question}"
    return [f"I asked {asked}?", f"{other}{asked}?", f"{asked}? Or what?", asked, f"{question}?", FOREIGN]


def filling(used: int) -> str:
    """Return a long line; for who reads as much at once as its buffer holds, the question behind it comes in two."""
    return f"{LONG} {LONG}"[: max(STRADDLED - used, len(LONG)) - 1] + "."


def let_come(crowd: Crowd, asker: Guest) -> None:
    """Let one more client come and go, whom nobody is to greet."""
    if comer := crowd.enter(named(ROLES[2])):
        comer.sink = lambda _: True
        comer.say(comer.name)
        crowd.until(lambda: f"{comer.name} login" in asker.heard, ROOM)
        comer.leave()
        crowd.rest(2 * LISTEN)  # the room tells of that as well, and the program reads all that has come


def is_served(crowd: Crowd, asker: Guest, passer: Guest) -> bool:
    """Log both in, and tell whether the first was answered who is there."""
    asker.say(asker.name)
    crowd.until(lambda: asker.heard, ROOM)  # or it may come second, and not hear of the other
    passer.say(passer.name)
    crowd.until(lambda: f"{passer.name} login" in asker.heard, ROOM)
    asker.say("/who")
    crowd.until(lambda: asker.heard and asker.heard[-1].startswith("* online"), ROOM)
    return bool(asker.heard) and asker.heard[-1].startswith("* online")


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
