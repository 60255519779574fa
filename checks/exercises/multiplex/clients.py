"""The clients: all at once, in other orders than that of their coming, silent, one gone, one new."""

import contextlib
import time
from typing import Any

from checks.judging.client import listener
from checks.judging.crowd import LISTEN, READ, Crowd, Guest
from checks.judging.live import sleeps
from checks.judging.seat import Evidence
from checks.judging.unusual import HALF, SILENCE, say_unusual
from lab import proc

ANSWER = 2.5  # seconds: a deadline for a server that never answers
QUIET = 0.6  # seconds for which all are silent
PINGS = 5
PAUSE = 0.15  # seconds before each: who looks more often for a while after a line does not any more
LONG = 10.0  # seconds after which enough was said to a server that is so slow
LATER = ("one comes as I speak", "one more has come", "one has left", "one has come")


def visit(crowd: Crowd, count: int, is_paused: bool) -> Evidence:
    """Connect them, let them speak, and see how the server rests in between; stop it once, if asked to."""
    guests: list[Guest] = []
    for name in names(count):
        if not (guest := crowd.enter(name)):
            return {}
        guests.append(guest)
    found: Evidence = {"server": listener(guests[0].end), "came": crowd.moment(), "quiet": []}
    is_good = speak(crowd, guests) and say_unusual(crowd, guests[1], ANSWER)
    if is_good and pieces(crowd, guests) and not is_told_more(crowd):
        come_and_go(crowd, guests, found, is_paused)
    return found


def speak(crowd: Crowd, guests: list[Guest]) -> bool:
    """Let them speak in other orders than that of their coming, until it is clear that each answer takes long."""
    began = crowd.moment()
    for number, guest in enumerate([*guests[::-1], *guests[1::2], *guests[::2]], 1):
        if not is_answered(crowd, guest, f"line {number}"):
            return False
        if crowd.moment() > began + LONG:
            break
    return True


def is_told_more(crowd: Crowd) -> bool:
    """Tell whether somebody has heard more than was asked: who leaves then may leave it unread, an error over there."""
    crowd.rest(LISTEN)
    return any(len(guest.heard) > guest.said for guest in crowd.guests)


def pieces(crowd: Crowd, guests: list[Guest]) -> bool:
    """Let one say two lines and a half in one go, another half of one, a third a whole one, and then the rests."""
    first, second, third = guests[:3]
    first.say_and_begin("this\nand that", "begun, ")
    if not has_answers(crowd, first):
        return False
    crowd.until(lambda: first.is_read, READ)
    second.begin(b"one half and ")
    crowd.until(lambda: second.is_read, READ)
    if not is_answered(crowd, third, "what did it say?"):
        return False
    second.end_line(b"the other")
    if not has_answers(crowd, second):
        return False
    first.end_line(b"done")
    return has_answers(crowd, first)


def come_and_go(crowd: Crowd, guests: list[Guest], found: Evidence, is_paused: bool) -> None:
    """Let one more come, one fall silent within a line, one leave, another come, and all leave.

    Look how the server rests in between.
    """
    server, quiet = found["server"], found["quiet"]
    found["paused"] = crowd.moment()
    if not (more := comes_as_one_speaks(crowd, guests[1], is_paused)) or not is_answered(crowd, more, LATER[1]):
        return
    guests[2].begin(HALF.encode())
    quiet.append(rest(crowd, server, "all"))
    crowd.rest(SILENCE - QUIET)  # of all: the time of a select that has a limit is over by then
    found["knows_waits"] = proc.delayed("self") is not None
    found["pings"] = pings(crowd, guests[-1], server)
    if not guests[-1].is_open or not guests[-1].is_answered:
        return
    guests[2].end_line(b"the other")
    if not has_answers(crowd, guests[2]) or is_told_more(crowd):
        return
    guests[0].leave()
    if not is_answered(crowd, guests[-1], LATER[2]):
        return
    quiet.append(rest(crowd, server, "left"))
    if not (newcomer := crowd.enter("new")) or not is_answered(crowd, newcomer, LATER[3]):
        return
    for guest in crowd.guests:
        guest.leave()
    quiet.append(rest(crowd, server, "none"))


def comes_as_one_speaks(crowd: Crowd, speaker: Guest, is_paused: bool) -> Guest | None:
    """Connect one more, and let another speak, so that the server finds both at once; None if one was not served."""
    with crowd.server.paused() if crowd.server and is_paused else contextlib.nullcontext():
        if more := crowd.enter("more"):
            speaker.say(LATER[0])
    return more if more and has_answers(crowd, speaker) else None


def names(count: int) -> list[str]:
    """Return the names of the clients."""
    return [f"c{number}" for number in range(1, count + 1)]


def is_answered(crowd: Crowd, guest: Guest, text: str) -> bool:
    """Say a line, or more in one go, and tell whether each is answered."""
    guest.say(text)
    return has_answers(crowd, guest)


def has_answers(crowd: Crowd, guest: Guest) -> bool:
    """Wait until there are as many answers as there were lines; tell whether the server has not hung up."""
    return crowd.until(lambda: guest.is_answered, ANSWER) and guest.is_open


def pings(crowd: Crowd, guest: Guest, server: int) -> list[float]:
    """Let one say line after line, each some time after the last was answered; return how long each answer took.

    The time for which the server, or we, could have run and had to wait for the CPU is not counted. So we sleep until
    the answer is there: who looks again and again waits for the CPU also while the server does not.
    """
    found = []
    for number in range(PINGS):
        crowd.rest(PAUSE)
        began, waited = time.monotonic(), waits(server)
        guest.say(f"ping {number}")
        while not guest.is_answered and (left := began + ANSWER - time.monotonic()) > 0:
            crowd.listen(left)
        if not (guest.is_answered and guest.is_open):
            break
        found.append(round(time.monotonic() - began - (waits(server) - waited), 4))
    return found


def waits(server: int) -> float:
    """Return for how long a process, and this one, have waited for the CPU; 0.0 where that is not known."""
    return sum(proc.delayed(who) or 0.0 for who in (server, "thread-self"))


def rest(crowd: Crowd, server: int, who: str) -> dict[str, Any]:
    """Say nothing for a while; return when that was, and how often the server went to sleep again."""
    crowd.rest(QUIET / 6)  # it may still be at work for the last line
    start, before = crowd.moment(), sleeps(server)
    crowd.rest(QUIET)
    return {"who": who, "from": start, "to": crowd.moment(), "woke": sleeps(server) - before}
