"""Exercise 21: one process with one thread serves many clients at once, and sleeps when none of them speaks."""

import contextlib
import re
import time
from pathlib import Path
from typing import Any

from checks.judging.answers import Fault, Line, about_lines, are_soon, first_fault, said_unasked
from checks.judging.client import listener
from checks.judging.crowd import GONE, LISTEN, READ, Crowd, Guest, Visit, visits
from checks.judging.live import sleeps
from checks.judging.result import Check, Result, in_turn
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen, numbers
from checks.judging.serving import Served, occupied, service
from lab.language import tr, tr_count
from lab.student.seed import Values
from lab.trace import History

SLUG = "multiplex"
SOCKET = "multiplex.sock"
ANSWER = 2.5  # seconds: a deadline for a server that never answers
QUIET = 0.6  # seconds for which all are silent
OFTEN = 8  # times that a server may wake while nobody speaks: a limit of 0.1 s for select is no busy loop
SLOW = 0.02  # seconds that an answer takes of a server that sleeps a while, and then looks; others need a millisecond
PINGS = 6
LONG = 10.0  # seconds after which enough was said to a server that is so slow
LATER = ("one comes as I speak", "one more has come", "one has left", "one has come")
SEAT = re.compile(r"heard \d{3}: ")  # how an answer of some seat's begins


def observe(seat: Seat, values: Values) -> Evidence:
    """Be the clients: all at once, in other orders than that of their coming, silent, one gone, one new."""
    if found := occupied(seat, SLUG, SOCKET):
        return found
    with service(seat, SLUG, SOCKET, seconds=40) as served:
        quiet = visit(served.crowd, int(values["clients"]))
    return served.evidence | quiet


def visit(crowd: Crowd, count: int) -> Evidence:
    """Connect them, let them speak, and see how the server rests in between."""
    guests: list[Guest] = []
    for name in names(count):
        if not (guest := crowd.enter(name)):
            return {}
        guests.append(guest)
    found: Evidence = {"server": listener(guests[0].end), "came": crowd.moment(), "quiet": []}
    if speak(crowd, guests) and pieces(crowd, guests) and not is_told_more(crowd):
        come_and_go(crowd, guests, found)
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
    """Let one say two lines in one go, and another half of one, before somebody else speaks, and then the rest."""
    first, second, third = guests[:3]
    if not is_answered(crowd, first, "this\nand that"):
        return False
    second.begin(b"one half and ")
    crowd.until(lambda: second.is_read, READ)
    if not is_answered(crowd, third, "what did it say?"):
        return False
    second.end_line(b"the other")
    return has_answers(crowd, second)


def come_and_go(crowd: Crowd, guests: list[Guest], found: Evidence) -> None:
    """Let one more come, one leave, another come, and all leave; look how the server rests in between."""
    server, quiet = found["server"], found["quiet"]
    if not (more := comes_as_one_speaks(crowd, guests[1])) or not is_answered(crowd, more, LATER[1]):
        return
    quiet.append(rest(crowd, server, "all"))
    found["knows_waits"] = Path("/proc/self/schedstat").exists()
    found["pings"] = pings(crowd, guests[-1], server)
    if not guests[-1].is_open or not guests[-1].is_answered:
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


def comes_as_one_speaks(crowd: Crowd, speaker: Guest) -> Guest | None:
    """Connect one more, and let another speak, so that the server finds both at once; None if one was not served."""
    with crowd.server.paused() if crowd.server else contextlib.nullcontext():
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
    """Let one say line after line, each as soon as the last was answered; return how long each answer took.

    The time for which the server, or we, could have run and had to wait for the CPU is not counted.
    """
    found = []
    for number in range(PINGS):
        began, waited = time.monotonic(), waits(server)
        if not is_answered(crowd, guest, f"ping {number}"):
            break
        found.append(round(time.monotonic() - began - (waits(server) - waited), 4))
    return found


def waits(server: int) -> float:
    """Return for how long a process, and this one, have waited for the CPU, /proc/PID/schedstat; 0.0 if it is gone."""
    try:
        stats = [Path(f"/proc/{who}/schedstat").read_text().split() for who in (str(server), "thread-self")]
    except OSError:
        return 0.0
    return sum(int(waited) for _, waited, _ in stats) / 1e9


def rest(crowd: Crowd, server: int, who: str) -> dict[str, Any]:
    """Say nothing for a while; return when that was, and how often the server went to sleep again."""
    crowd.rest(QUIET / 6)  # it may still be at work for the last line
    start, before = crowd.moment(), sleeps(server)
    crowd.rest(QUIET)
    return {"who": who, "from": start, "to": crowd.moment(), "woke": sleeps(server) - before}


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say whether one process, one thread has served them all, and slept in between."""
    served = Served(evidence, SOCKET)
    count = int(values["clients"])
    return in_turn(
        *served.checks,
        Check(
            "answers",
            tr("{count} clients at once are answered, in any order", count=count),
            lambda: answers(served, count),
        ),
        Check("lines", tr("a line is a line, in however many pieces"), lambda: lines(served)),
        Check("coming", tr("clients come and go, and more than those"), lambda: comes_and_goes(served)),
        Check("one", tr("one process, one thread"), lambda: is_one(served)),
        Check("rests", tr("it sleeps while nobody speaks"), lambda: rests(served)),
        Check(
            "values",
            tr("the answer begins with: {answer}", answer=values["answer"]),
            lambda: has_values(served, values),
        ),
    )


def answers(served: Served, count: int) -> None:
    """See each line answered without delay, to whom it belongs."""
    are_soon(served)
    faults = [fault for visit in visits(served.evidence).values() if (fault := first_fault(visit, is_right))]
    for fault in sorted(faults, key=lambda fault: fault.line.moment):
        if fault.kind in ("half", "together") or fault.line.text in LATER:
            continue
        if fault.kind in ("unanswered", "dropped"):
            raise unanswered(served, fault, count)
        if fault.kind == "wrong":
            raise wrong_answer(served, fault)
        if fault.kind == "unasked" and (whose := said_by(served, fault)):
            raise to_another(served, fault, whose)
        raise about_lines(served, fault) or said_unasked(served, fault)
    if len(visits(served.evidence)) < count:
        raise could_not_connect(served, f"c{len(visits(served.evidence)) + 1}")


def said_by(served: Served, fault: Fault) -> str:
    """Return who had said the line whose answer another has heard; "" if nobody."""
    others = (visit for visit in visits(served.evidence).values() if visit.name != fault.visit.name)
    moment = max(moment for moment, _, text in fault.visit.events if text == fault.heard)
    said = ((visit.name, line) for visit in others for when, line in visit.lines if when <= moment)
    return next((name for name, line in said if line and fault.heard.endswith(line)), "")


def to_another(served: Served, fault: Fault, whose: str) -> Exception:
    """Return the mistake of a server whose answer goes to more than whoever spoke."""
    name = fault.visit.name
    return served.mistake(
        "to-another",
        tr("{name} was told “{heard}”, which is the answer to {whose}", name=name, heard=fault.heard, whose=whose),
        advice=tr("send the answer on the connection on which the line came, and on no other"),
        compared=(tr("an answer to {whose} alone", whose=whose), tr("to {name} too", name=name)),
    )


def lines(served: Served) -> None:
    """See a line answered as one, whatever a recv brings, and nobody else wait for its end."""
    found = visits(served.evidence)
    for visit in found.values():
        if (fault := first_fault(visit, is_right)) and (mistake := about_lines(served, fault)):
            raise mistake


def comes_and_goes(served: Served) -> None:
    """See more than the others served, after them, and when one of them has left."""
    found = visits(served.evidence)
    for visit in found.values():
        fault = first_fault(visit, is_right)
        if not fault and visit.dropped is not None:  # it was told a farewell
            raise hung_up(served, Fault("dropped", visit, Line(*visit.lines[-1]), answers=len(visit.lines)), len(found))
        if not fault:
            continue
        if fault.kind not in ("unanswered", "dropped"):
            raise wrong_answer(served, fault)
        if visit.dropped is None:
            served.seen.can_tell(1)
        raise not_served_on(served, visit, fault.line.text)
    if missing := [name for name in ("more", "new") if name not in found]:
        raise could_not_connect(served, missing[0])


def not_served_on(served: Served, visit: Visit, text: str) -> Exception:
    """Return the mistake of a server that is at its end once somebody has left, or more come than it had thought."""
    has_left = visit.name not in ("more", "new") and text != LATER[0]
    return served.mistake(
        "stops-at-leaving" if has_left else "takes-no-more",
        tr("{name} said “{text}”, and got no answer", name=visit.name, text=text)
        + (tr(" as another connected") if text == LATER[0] else "")
        + (tr(", and was dropped by your server") if visit.dropped is not None else "")
        + served.complaint,
        advice=tr("when recv returns b'', close that connection alone, take it out of the list, and go on in the loop")
        if has_left
        else tr(
            "clients may come at any time, however many there are: accept whenever the listening socket is "
            "readable, and go on with all the others that have something"
        ),
        compared=(tr("an answer"), tr("no answer")),
    )


def is_right(answer: str, line: str) -> bool:
    """Tell whether an answer is one to that line, be it another seat's."""
    return answer.endswith(line) and answer != line


def could_not_connect(served: Served, name: str) -> Exception:
    """Return the mistake of a server that takes no more clients."""
    served.seen.can_tell(1)
    others = len(visits(served.evidence))
    return served.mistake(
        "refuses",
        tr_count(
            others,
            "{name} could not connect, beside {n} other ({refused})",
            "{name} could not connect, beside {n} others ({refused})",
            name=name,
            refused=served.evidence["refused"],
        )
        + served.complaint,
        advice=tr("the listening socket stays open, and is in select as well: accept whenever it is readable"),
        compared=(tr("connected"), served.evidence["refused"]),
    )


def unanswered(served: Served, fault: Fault, count: int) -> Exception:
    """Return the mistake of a server that does not answer one of them."""
    visit, text = fault.visit, fault.line.text
    if visit.dropped is not None:
        raise hung_up(served, fault, count)
    served.seen.can_tell(1)
    there = [
        other
        for other in visits(served.evidence).values()
        if other is not visit
        and other.entered < fault.line.moment
        and not (other.events[-1][1] in GONE and other.events[-1][0] < fault.line.moment)
    ]
    others = len(there)
    if any(begun_at(other, fault.line.moment) for other in there):
        return waits_for_the_rest(served, visit, text)
    return one_at_a_time(served, count, others, visit, text)


def one_at_a_time(served: Served, count: int, others: int, visit: Visit, text: str) -> Exception:
    """Return the mistake of a server that waits for another than who speaks."""
    return served.mistake(
        "one-at-a-time",
        tr_count(
            others,
            "{name} said “{text}” while {n} other was connected and silent: no answer in {answer} s",
            "{name} said “{text}” while {n} others were connected and silent: no answer in {answer} s",
            name=visit.name,
            text=text,
            answer=ANSWER,
        )
        + served.complaint,
        advice=served.or_error(
            tr(
                "your server waits for somebody else, or sleeps, or never accepted this one, or sends nothing: give "
                "select the listener and all connections, recv only from those that it returns, and answer there"
            )
        ),
        compared=(tr("{count} clients answered", count=count), tr("no answer")),
    )


def hung_up(served: Served, fault: Fault, count: int) -> Exception:
    """Return the mistake of a server that drops one of them."""
    name, text = fault.visit.name, fault.line.text
    if fault.kind == "dropped":
        what = (
            tr("{name} was dropped by your server, after its line “{text}” was answered", name=name, text=text)
            if fault.answers
            else tr("{name} was dropped by your server before it had said anything", name=name)
        )
    else:
        what = tr("{name} said “{text}”, got no answer, and was dropped by your server", name=name, text=text)
    return served.mistake(
        "hangs-up",
        what + served.complaint,
        advice=served.or_error(
            tr(
                "{count} clients and more are to be served: close a connection only when its recv returns b''",
                count=count,
            )
        ),
        compared=(tr("{count} clients answered", count=count), tr("dropped")),
    )


def begun_at(visit: Visit, moment: float) -> bool:
    """Tell whether a client had said the first part of a line at a moment, and not the rest."""
    said = [kind for when, kind, _ in visit.events if kind in ("begin", "say") and when <= moment]
    return said[-1:] == ["begin"]


def waits_for_the_rest(served: Served, visit: Visit, text: str) -> Exception:
    """Return the mistake of a server that waits for the end of one client's line, and nobody else is served."""
    return served.mistake(
        "waits-for-the-rest",
        tr("one client had said half a line; then {name} said “{text}”, and got no answer", name=visit.name, text=text),
        advice=tr(
            "readline waits for the newline, and all others wait with it: recv what there is, keep half a line, and "
            "go back to select"
        ),
        compared=(tr("an answer"), tr("no answer")),
    )


def wrong_answer(served: Served, fault: Fault) -> Exception:
    """Return the mistake of a server that says something else."""
    visit, text, answer = fault.visit, fault.line.text, fault.heard
    return served.mistake(
        "wrong-answer",
        tr("{name} said “{text}”, and was answered: {answer}", name=visit.name, text=text, answer=answer),
        advice=tr("the answer goes to whoever spoke: it begins as the statement says, and ends with what was said"),
        compared=(f"… {text}", answer),
    )


def is_one(served: Served) -> None:
    """See no other process and no other thread come with the clients."""
    seen, server = served.seen, served.evidence["server"]
    until = served.evidence["end"]
    came = visits(served.evidence)["c1"].entered
    before = ancestors(seen, server)  # a shell that started it may be seen late
    others = [h for h in seen.trace.processes if h.pid not in before and h.pid != server and h.first_seen < until]
    born = [history for history in others if is_child(history, server) or history.first_seen > came]
    if born:
        pids = numbers([history.pid for history in born])
        raise forks(born, seen, server, pids)
    root = seen.history(server)
    threads = max((span.value for span in root.threads if span.start < until), default=1) if root else 1
    if threads > 1:
        raise has_threads(threads, seen, server)


def forks(born: list[History], seen: Seen, server: int, pids: str) -> Exception:
    """Return the mistake of a server of several processes."""
    return seen.mistake(
        "forks",
        tr_count(
            len(born),
            "beside your server {server} there was {n} more process: {pids}",
            "beside your server {server} there were {n} more processes: {pids}",
            server=server,
            pids=pids,
        ),
        advice=tr("no fork here: keep all connections in a list, and let select say which of them has something"),
        compared=(tr("one process"), tr("{count} processes", count=len(born) + 1)),
    )


def has_threads(threads: int, seen: Seen, server: int) -> Exception:
    """Return the mistake of a server of several threads."""
    return seen.mistake(
        "threads",
        tr_count(threads, "your server {server} had {n} thread", "your server {server} had {n} threads", server=server),
        advice=tr("no threads here: keep all connections in a list, and let select say which of them has something"),
        compared=(tr("one thread"), threads),
    )


def ancestors(seen: Seen, pid: int) -> set[int]:
    """Return the pids of the program's processes from which one descends."""
    found: set[int] = set()
    history = seen.history(pid)
    while history and (history := seen.trace.parent(history)):
        found.add(history.pid)
    return found


def is_child(history: History, server: int) -> bool:
    """Tell whether a process is a child of the server, and not the shell that started it."""
    return server in [span.value for span in history.parents]


def rests(served: Served) -> None:
    """See the server asleep while nobody speaks: before one has left, and after."""
    seen, server = served.seen, served.evidence["server"]
    history = seen.history(server)
    for quiet in served.evidence["quiet"]:
        start, end = quiet["from"], quiet["to"]
        spans = history.states if history else ()
        ran = sum(max(0.0, min(s.end, end) - max(s.start, start)) for s in spans if s.value == "R")
        if ran > (end - start) / 2:
            raise spins(served, server, ran, quiet["who"])
        if quiet["woke"] > OFTEN:
            raise polls(served, server, quiet["woke"], end - start)
    looks_now_and_then(served, server)


def looks_now_and_then(served: Served, server: int) -> None:
    """See that a server which woke for nothing, as one whose select has a limit may, did not wait with its answers."""
    quiet = served.evidence["quiet"]
    woke, seconds = sum(rest["woke"] for rest in quiet), sum(rest["to"] - rest["from"] for rest in quiet)
    if not woke or not seconds:
        return
    soon = sorted(served.evidence["pings"])[1]  # as if nobody else wanted the CPU
    if soon < max(SLOW, 0.3 * seconds / woke):
        return
    if not served.evidence["knows_waits"]:
        served.seen.can_tell(soon, known=2 * served.seen.late)
    raise polls(served, server, woke, seconds, soon)


def spins(served: Served, server: int, ran: float, who: str) -> Exception:
    """Return the mistake of a busy loop."""
    after_one_left = who == "left"
    if who == "none":
        advice = tr("all had left: with no client there is the listener alone, for which select waits without a limit")
    elif after_one_left:
        advice = tr(
            "it began when a client left: a closed connection is readable for ever, and recv returns b''; close it, "
            "and take it out of the list"
        )
    else:
        advice = tr(
            "it asks again and again: let select wait without a limit (no 0 as its last argument), and read after it"
        )
    return served.seen.mistake(
        {"all": "spins", "left": "spins-after-leaving", "none": "spins-alone"}[who],
        tr(
            "nobody said anything, and your server {server} ran all the same (R) for {ran:.1f} s",
            server=server,
            ran=ran,
        ),
        advice=advice,
        compared=("S", "R"),
    )


def polls(served: Served, server: int, times: int, seconds: float, late: float = 0.0) -> Exception:
    """Return the mistake of a loop that sleeps a little in between, and whose answers come so late."""
    delay = tr(", and most answers came {late:.2f} s or more after the line", late=late)
    return served.seen.mistake(
        "polls",
        tr_count(
            times,
            "nobody said anything, and your server {server} woke {n} time in {seconds:.1f} s to see that",
            "nobody said anything, and your server {server} woke {n} times in {seconds:.1f} s to see that",
            server=server,
            seconds=seconds,
        )
        + (delay if late else ""),
        advice=tr(
            "a sleep in a busy loop makes it late as well: select sleeps until there is something, and not longer"
        ),
        compared=(tr("it sleeps on"), tr_count(times, "woke {n} time", "woke {n} times")),
    )


def has_values(served: Served, values: Values) -> None:
    """Compare the answers with what was asked for in this seat."""
    wanted = f"{values['answer']} "
    for visit in visits(served.evidence).values():
        for (_, line), (_, answer) in zip(visit.lines, visit.heard, strict=False):
            if answer == f"{wanted}{line}":
                continue
            was = tr("“{line}” was answered: {answer}", line=line, answer=answer)
            if SEAT.sub("", answer, count=1) == line and not answer.startswith(wanted):
                raise served.other_values(was, values, compared=(f"{wanted}{line}", answer))
            raise other_words(served, values, wanted, was, line, answer)


def other_words(served: Served, values: Values, wanted: str, was: str, line: str, answer: str) -> Exception:
    """Return the mistake of an answer that is no seat's."""
    return served.mistake(
        "other-words",
        was,
        advice=tr("an answer is {answer}, a space, and the line as it was said", answer=values["answer"]),
        compared=(f"{wanted}{line}", answer),
    )
