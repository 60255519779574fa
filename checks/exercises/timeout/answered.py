"""What the clients were answered, and whether without delay."""

import re
from collections.abc import Iterator
from functools import partial

from checks.judging.answers import Fault, about_answers, are_soon, first_fault
from checks.judging.crowd import Visit, visits
from checks.judging.result import Mistake
from checks.judging.serving import Served
from checks.judging.unusual import about_unusual
from checks.judging.verdict import CouldNotRunError
from lab.language import tr

ANSWER = 2.0
SEAT = re.compile(r"got it \d{3}$")  # an answer of some seat's
IDLE = "idle"  # how the names of more silent clients begin
GO_ON = "go on"  # what the talker says when one has said half a line
SOON = 0.3  # seconds in which a server that is not blocked has answered


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
    if mistake := about_answers(served, fault, partial(answered_otherwise, answer)):
        raise about_unusual(served, fault) or mistake
    raise no_answer(served, fault, seconds)


def no_answer(served: Served, fault: Fault, seconds: float) -> Exception:
    """Return why a client had no answer: it was dropped as it spoke, or there came none."""
    waited = (fault.visit.dropped or served.evidence["end"]) - fault.line.moment
    if fault.visit.dropped is None or waited >= seconds / 2:
        return about_unusual(served, fault) or unanswered(served, fault.line.text)
    before = max(moment for moment, _, _ in fault.visit.events if moment < fault.line.moment)
    if fault.line.moment - before > seconds / 2:  # it was we who were late
        return too_busy()
    return about_unusual(served, fault) or hangs_up(served, fault.line.text, waited)


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


def answers_others(served: Served, answer: str) -> None:
    """See that the others were answered while one was silent, not after, and nobody before it had spoken."""
    found = visits(served.evidence)
    usual = max(heard - said for said, heard in waits(found["brief"]))  # when nobody was silent
    is_not_stopped(served, found, usual)
    silent = [visit for name, visit in found.items() if name == "silent" or name.startswith(IDLE)]
    until = min(visit.dropped for visit in silent if visit.dropped is not None)
    for name in ("silent", "talker", "other", "next", "late"):
        if name in found:
            are_not_blocked(served, found[name], until, usual)
            are_right(served, found[name], answer)
    if "next" in found and found["next"].heard:
        came, answered = next(waits(found["next"]))
        if answered - came > usual + SOON:
            raise waits_for_children(served, came, answered)


def is_not_stopped(served: Served, found: dict[str, Visit], usual: float) -> None:
    """See the talker answered when one had said half a line."""
    talker, heard = found["talker"], [moment for moment, _ in found["talker"].heard]
    number = next((number for number, (_, text) in enumerate(talker.lines) if text == GO_ON), None)
    if number is None or "half" not in found:
        return
    said = talker.lines[number][0]
    was_dropped = talker.dropped is not None and talker.dropped < said + SOON
    if was_dropped or sum(moment <= said for moment in heard) < number:  # it was not answered before, either
        return
    answered = heard[number] if len(heard) > number else talker.dropped or served.evidence["end"]
    if answered - said > usual + SOON:
        raise waits_for_the_rest(served, said, answered, GO_ON)


def waits(visit: Visit) -> Iterator[tuple[float, float]]:
    """Yield when each line was said, and when its answer came, as far as there were answers."""
    return ((said, heard) for (said, _), (heard, _) in zip(visit.lines, visit.heard, strict=False))


def are_not_blocked(served: Served, visit: Visit, until: float, usual: float) -> None:
    """See no line of a client wait for its answer until the first of the silent ones was dropped."""
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
            "while {count} clients were silent, another had to wait for its answer, from {said:.1f} s to {heard:.1f} s",
            count=1 + sum(name.startswith(IDLE) for name in visits(served.evidence)),
            said=said,
            heard=heard,
        ),
        advice=tr(
            "your server waits for one client at a time, or for a few: fork a child or start a thread for each, or "
            "select among all"
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


def waits_for_the_rest(served: Served, said: float, heard: float, text: str) -> Exception:
    """Return the mistake of a server that waits for the end of one client's line, and nobody else is served."""
    if heard - said < SOON + served.seen.late:
        return too_busy()
    served.seen.served(within=SOON, since=said)
    return served.mistake(
        "waits-for-the-rest",
        tr(
            "one client had said half a line; then another said “{text}”, and had no answer for {waited:.1f} s",
            text=text,
            waited=heard - said,
        ),
        advice=tr(
            "readline waits for the newline, and all others wait with it: recv what there is, keep half a line, and "
            "go back to select"
        ),
        compared=(tr("an answer at once"), tr("no answer")),
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
