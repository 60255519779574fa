"""Exercise 20: a server that drops a client which is silent for too long, and serves the others meanwhile."""

import re
from collections.abc import Iterator
from functools import partial

from checks.judging.answers import Fault, about_answers, are_soon, first_fault
from checks.judging.crowd import LISTEN, Crowd, Guest, Visit, visits
from checks.judging.result import Check, Mistake, Result, in_turn
from checks.judging.seat import Evidence, Seat
from checks.judging.serving import Served, occupied, service
from checks.judging.verdict import CouldNotRunError
from checks.judging.wording import exactly
from lab.language import tr
from lab.student.seed import Values

SLUG = "timeout"
SOCKET = "timeout.sock"
PATIENCE = 2.5  # seconds beyond the time after which a client must have been dropped
ANSWER = 2.0
SEAT = re.compile(r"got it \d{3}$")  # an answer of some seat's
KNOWN = 0.25  # seconds to which times must be known where another seat's may be off by 0.3
LINGERS = 0.3  # seconds beyond its time after which a client is still there that nobody has closed
WHOLE = 0.08  # seconds by which a time may be off and look like one of whole seconds
SOON = 0.3  # seconds in which a server that is not blocked has answered


def observe(seat: Seat, values: Values) -> Evidence:
    """Be a client that comes and goes, one that is silent, one that talks on and falls silent later, and two more."""
    if found := occupied(seat, SLUG, SOCKET):
        return found
    with service(seat, SLUG, SOCKET, seconds=25) as served:
        if brief(served.crowd):
            visit(served.crowd, float(values["seconds"]))
        half_open = is_half_open(served.crowd)
    return served.evidence | {"half_open": half_open}


def brief(crowd: Crowd) -> bool:
    """Say a line, two in one go, and one in two parts, and leave; tell whether each was answered."""
    if not (guest := crowd.enter("brief")):
        return False
    for text in ("hello", "one\ntwo"):
        guest.say(text)
        if not crowd.until(lambda: guest.is_answered, ANSWER) or not guest.is_open:
            return False
        crowd.rest(LISTEN)  # who says more than was asked for does it now
    crowd.say_in_parts(guest, b"one half and ", b"the other")
    is_good = crowd.until(lambda: guest.is_answered, ANSWER) and guest.is_open
    guest.leave()
    return is_good


def is_half_open(crowd: Crowd) -> bool:
    """Tell whether the silent client still has half of its connection, long after it has heard that it was dropped."""
    silent = next((guest for guest in crowd.guests if guest.name == "silent"), None)
    return silent is not None and not crowd.until(lambda: not silent.is_half_open, PATIENCE)


def visit(crowd: Crowd, seconds: float) -> None:
    """Connect them, and see who is dropped when."""
    if not (silent := crowd.enter("silent")) or not (talker := crowd.enter("talker")):
        return
    silent.stays = True
    started = silent.clock()
    other: Guest | None = None
    while silent.is_open and silent.clock() < started + seconds + PATIENCE:
        talker.say(f"hello {len(talker.heard) + 1}")
        crowd.until(lambda: not silent.is_open or talker.is_answered, seconds + PATIENCE)
        crowd.until(lambda: not silent.is_open, seconds / 4)
        if not other and (other := crowd.enter("other")):
            other.say("hello")
    if silent.is_open or not talker.is_open:
        return
    crowd.until(lambda: talker.is_answered and (not other or other.is_answered), ANSWER)
    newcomer = comes_next(crowd, talker, seconds)
    talker.say("goodbye")
    crowd.until(lambda: not talker.is_open, seconds + PATIENCE)
    crowd.until(lambda: not newcomer or not newcomer.is_open, seconds + PATIENCE)  # before somebody else comes
    crowd.pass_by("hasty", "one\ntwo\nthree")
    if late := crowd.enter("late"):
        late.say("hello")
        crowd.until(lambda: late.is_answered, ANSWER)


def comes_next(crowd: Crowd, talker: Guest, seconds: float) -> Guest | None:
    """Connect another when one was dropped, while the talker talks on, so that it stays."""
    crowd.rest(LISTEN)  # the child of who was dropped has ended by then, and the parent knows
    if not (newcomer := crowd.enter("next")):
        return None
    newcomer.say("hello")
    deadline = crowd.moment() + ANSWER
    while talker.is_open and not newcomer.is_answered and crowd.moment() < deadline:
        talker.say("still here")
        crowd.until(lambda: newcomer.is_answered, seconds / 4)
    return newcomer


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say who was dropped and who was answered."""
    served = Served(evidence, SOCKET)
    seconds, answer = float(values["seconds"]), str(values["answer"])
    return in_turn(
        *served.checks,
        Check("answers", tr("it answers each line with a line"), lambda: answers(served, seconds, answer)),
        Check("drops", tr("it drops a silent client"), lambda: drops(served, seconds)),
        Check("others", tr("it answers the others meanwhile"), lambda: answers_others(served, answer)),
        Check("talker", tr("it keeps a client that talks"), lambda: keeps_talker(served, seconds)),
        Check(
            "values",
            tr("silent for {seconds} s; the answer is: {answer}", seconds=seconds, answer=answer),
            lambda: has_values(served, values),
        ),
    )


def is_right(answer: str, wanted: str) -> bool:
    """Tell whether an answer is this seat's, or might be another's."""
    return answer == wanted or SEAT.match(answer) is not None


def answers(served: Served, seconds: float, answer: str) -> None:
    """See a client that comes, speaks and goes get an answer to each line, whatever a recv brings."""
    fault = first_fault(visits(served.evidence)["brief"], lambda heard, _: is_right(heard, answer))
    if not fault:
        return
    if fault.kind in ("unanswered", "together"):  # or late
        are_soon(served)
    raise about_answers(served, fault, partial(answered_otherwise, answer)) or no_answer(served, fault, seconds)


def no_answer(served: Served, fault: Fault, seconds: float) -> Exception:
    """Return why a client had no answer: it was dropped as it spoke, or there came none."""
    waited = (fault.visit.dropped or served.evidence["end"]) - fault.line.moment
    if fault.visit.dropped is None or waited >= seconds / 2:
        return unanswered(served, fault.line.text)
    before = max(moment for moment, _, _ in fault.visit.events if moment < fault.line.moment)
    if fault.line.moment - before > seconds / 2:  # it was we who were late
        return too_busy()
    return hangs_up(served, fault.line.text, waited)


def answered_otherwise(answer: str, served: Served, fault: Fault) -> Mistake:
    """Return the mistake of a server that says something else."""
    return served.mistake(
        "wrong-answer",
        tr(
            "{name} said “{text}”, and was answered: {heard}",
            name=fault.visit.name,
            text=fault.line.text,
            heard=fault.heard,
        ),
        advice=tr("the answer to each line is {answer} and a newline, and nothing else", answer=answer),
        compared=(answer, fault.heard),
    )


def drops(served: Served, seconds: float) -> None:
    """See the silent client dropped, sooner or later."""
    found = visits(served.evidence)
    if missing := [name for name in ("silent", "talker") if name not in found]:
        raise not_taken(served, missing[0])
    silent = found["silent"]
    if silent.dropped is None:
        raise never_dropped(served, seconds, served.evidence["end"] - silent.entered)
    if served.evidence.get("half_open"):
        raise half_closed(served, served.evidence["end"] - silent.dropped)


def not_taken(served: Served, name: str) -> Exception:
    """Return why there is nobody of that name: the one before was dropped as it was about to speak, or none could."""
    brief = visits(served.evidence)["brief"]
    if brief.dropped is not None:
        are_soon(served)
        moment, text = brief.lines[-1]
        return hangs_up(served, text, brief.dropped - moment)
    served.seen.can_tell(1)
    return served.mistake(
        "refuses",
        tr("{name} could not connect, when brief had left ({refused})", name=name, refused=served.evidence["refused"])
        + served.complaint,
        advice=served.or_error(tr("the listening socket stays open: accept again and again")),
        compared=(tr("connected"), served.evidence["refused"]),
    )


def half_closed(served: Served, since: float) -> Mistake:
    """Return the mistake of a server that only says that it will say no more."""
    served.seen.can_tell(1)
    return served.mistake(
        "half-closed",
        tr(
            "a silent client saw an end of file, and {since:.1f} s later its connection was still half open: it could "
            "have gone on sending",
            since=since,
        ),
        advice=tr("shutdown(SHUT_WR), or node's end, closes one direction only: close the connection"),
        compared=(tr("closed"), tr("half open")),
    )


def never_dropped(served: Served, seconds: float, waited: float) -> Exception:
    """Return the mistake of a server that waits for ever."""
    served.seen.can_tell(1)
    return served.mistake(
        "never-dropped",
        tr("a client said nothing for {waited:.1f} s, and was still connected", waited=waited),
        advice=tr(
            "give each connection its own limit, connection.settimeout({seconds}), and close it at TimeoutError "
            "(and after a fork in the parent, which has it too); in a loop around select or poll, give that a limit "
            "and look at who has been silent",
            seconds=seconds,
        ),
        compared=(tr("dropped after {seconds} s", seconds=seconds), tr("not dropped")),
    )


def answers_others(served: Served, answer: str) -> None:
    """See that the others were answered while one was silent, not after, and nobody before it had spoken."""
    found = visits(served.evidence)
    usual = max(heard - said for said, heard in waits(found["brief"]))  # when nobody was silent
    for name in ("silent", "talker", "other", "next", "late"):
        if name in found:
            are_not_blocked(served, found[name], found["silent"].dropped or 0.0, usual)
            are_right(served, found[name], answer)
    if "next" in found and found["next"].heard:
        came, answered = next(waits(found["next"]))
        if answered - came > usual + SOON:
            raise waits_for_children(served, came, answered)


def waits(visit: Visit) -> Iterator[tuple[float, float]]:
    """Yield when each line was said, and when its answer came, as far as there were answers."""
    return ((said, heard) for (said, _), (heard, _) in zip(visit.lines, visit.heard, strict=False))


def are_not_blocked(served: Served, visit: Visit, until: float, usual: float) -> None:
    """See no line of a client wait for its answer until the silent one was dropped."""
    for said, heard in waits(visit):
        if said < until - SOON and heard >= until and heard - said > usual + SOON:
            raise blocked(served, said, heard)


def are_right(served: Served, visit: Visit, answer: str) -> None:
    """See each line of a client answered, until it was dropped."""
    fault = first_fault(visit, lambda heard, _: is_right(heard, answer))
    if not fault or fault.kind == "dropped" or is_dropped_talker(fault):
        return
    otherwise = partial(answered_otherwise, answer)
    raise about_answers(served, fault, otherwise) or unanswered(served, fault.line.text)


def is_dropped_talker(fault: Fault) -> bool:
    """Tell whether a client was dropped as it spoke, which has a check of its own, or had said the last it says."""
    visit = fault.visit
    if visit.name != "talker" or fault.kind != "unanswered":
        return False
    was_dropped = visit.dropped is not None and visit.dropped - fault.line.moment < SOON
    return was_dropped or fault.line.text == "goodbye"  # which is answered with being dropped, at the latest


def blocked(served: Served, said: float, heard: float) -> Exception:
    """Return the mistake of a server that waits for one client alone."""
    if heard - said < SOON + served.seen.late:
        return too_busy()
    served.seen.served(within=SOON, since=said)
    return served.mistake(
        "blocked",
        tr(
            "while one client was silent, another had to wait for its answer, from {said:.1f} s to {heard:.1f} s",
            said=said,
            heard=heard,
        ),
        advice=tr(
            "your server waits for one client at a time: fork a child or start a thread for each, or select among all"
        ),
        compared=(tr("an answer at once"), tr("an answer when the silent one was dropped")),
    )


def waits_for_children(served: Served, said: float, heard: float) -> Exception:
    """Return the mistake of a server that takes nobody for a while, once it has dropped one."""
    if heard - said < SOON + served.seen.late:
        return too_busy()
    served.seen.served(within=SOON, since=said)
    return served.mistake(
        "waits-for-the-others",
        tr(
            "after one client was dropped, a new one had to wait for its answer, from {said:.1f} s to {heard:.1f} s",
            said=said,
            heard=heard,
        ),
        advice=tr(
            "what is done when a client has gone may not wait for the others: a handler of SIGCHLD reaps with WNOHANG"
        ),
        compared=(tr("an answer at once"), tr("an answer when others had gone")),
    )


def unanswered(served: Served, text: str) -> Exception:
    """Return the mistake of a server that does not answer at all."""
    served.seen.can_tell(1)
    is_limit = "TimeoutError" in served.complaint  # which is what is asked for
    advice = tr(
        "each line of a client that is connected is answered at once: is there a loop around recv, and a sendall?"
    )
    return served.mistake(
        "no-answer",
        tr("a client said “{text}”, and had no answer within {answer} s", text=text, answer=ANSWER)
        + ("" if is_limit else served.complaint),
        advice=advice if is_limit else served.or_error(advice),
        compared=(tr("an answer"), tr("none")),
    )


def keeps_talker(served: Served, seconds: float) -> None:
    """See that the client which talked was dropped only after its last line."""
    talker = visits(served.evidence)["talker"]
    moment, text = talker.said[-1]
    silence = (talker.dropped or served.evidence["end"]) - moment
    if text == "goodbye" and talker.dropped is None:
        raise never_dropped(served, seconds, silence)
    if silence > seconds / 2:
        if text != "goodbye":  # then it was we who were late
            raise too_busy()
        return
    lived = (talker.dropped or 0.0) - talker.entered
    if lived < seconds / 2:
        raise hangs_up(served, text, silence)
    raise drops_the_talker(served, lived)


def drops_the_talker(served: Served, lived: float) -> Exception:
    """Return the mistake of a server that limits the visit, and not the silence."""
    return served.mistake(
        "dropped-the-talker",
        tr("a client that kept talking was dropped too, {lived:.1f} s after it had connected", lived=lived),
        advice=tr("the time begins anew with each line that comes: it limits the silence, not the visit"),
        compared=(tr("it stays"), tr("dropped")),
    )


def hangs_up(served: Served, text: str, silence: float) -> Exception:
    """Return the mistake of a server that drops who has just spoken."""
    return served.mistake(
        "hangs-up",
        tr("a client was dropped {silence:.1f} s after it had said “{text}”", silence=silence, text=text)
        + served.complaint,
        advice=served.or_error(
            tr("a client may say many lines: a loop around recv, until it returns b'' or the time is over")
        ),
        compared=(tr("it stays"), tr("dropped")),
    )


def too_busy() -> CouldNotRunError:
    """Return what is said where a time was not known well enough."""
    return CouldNotRunError(tr("the machine was too busy to tell; try again"))


def has_values(served: Served, values: Values) -> None:
    """Compare the time and the answer with what was asked for in this seat."""
    seconds, seen, found = float(values["seconds"]), served.seen, visits(served.evidence)
    silent, talker = found["silent"], found["talker"]
    first = (silent.dropped or 0.0) - silent.entered
    second = (talker.dropped or 0.0) - talker.said[-1][0]
    heard = [text for visit in found.values() for _, text in visit.heard]
    if strange := [text for text in heard if text != values["answer"] and SEAT.match(text)]:
        raise anothers(served, values, first, second, strange[0])
    if seen.about(first, seconds) and seen.about(second, seconds):
        return drops_the_last(served, seconds)
    seen.can_tell(KNOWN)  # from accept to the fork and to the child's first recv, it may have waited for the CPU
    seen.served(within=max(abs(first - seconds), abs(second - seconds)) / 3, since=silent.entered)
    raise dropped_at_another_time(served, seconds, first, second)


def anothers(served: Served, values: Values, first: float, second: float, answer: str) -> Mistake:
    """Return the mistake of a server with another seat's answer, and its time, or not."""
    return served.other_values(
        tr(
            "silent clients were dropped after {first:.1f} s and {second:.1f} s; the answer was: {answer}",
            first=first,
            second=second,
            answer=answer,
        ),
        values,
        compared=(
            tr("{seconds} s; {answer}", seconds=float(values["seconds"]), answer=values["answer"]),
            f"{first:.1f} s, {second:.1f} s; {answer}",
        ),
    )


def drops_the_last(served: Served, seconds: float) -> None:
    """See the one who came last dropped as well, before somebody else came: a parent may still have had its copy."""
    last = visits(served.evidence).get("next")
    if not last or not last.lines:
        return
    silence = (last.dropped or served.evidence["end"]) - last.lines[-1][0]
    late = silence - seconds
    if late > max(served.seen.slack, LINGERS):
        served.seen.served(within=late / 2, since=last.entered)
        raise never_dropped(served, seconds, silence)


def dropped_at_another_time(served: Served, seconds: float, first: float, second: float) -> Exception:
    """Return the mistake of a server that drops who is silent at a time that is no seat's."""
    return served.mistake(
        "other-time",
        tr(
            "a client that never spoke was dropped after {first:.1f} s, one that had spoken {second:.1f} s after "
            "its last line",
            first=first,
            second=second,
        ),
        advice=about_whole_seconds(seconds)
        if round(first) == round(second) and max(abs(first - round(first)), abs(second - round(second))) < WHOLE
        else tr(
            "both are to be {seconds} s: each line begins the time anew, for this connection alone; who looks now "
            "and then only, looks often enough",
            seconds=seconds,
        ),
        compared=(exactly(seconds), tr("{first:.1f} s, {second:.1f} s", first=first, second=second)),
    )


def about_whole_seconds(seconds: float) -> str:
    """Return what helps a server whose time is one of whole seconds."""
    return tr(
        "both are to be {seconds} s: alarm and int() know whole seconds only; settimeout, select and setitimer take "
        "fractions",
        seconds=seconds,
    )
