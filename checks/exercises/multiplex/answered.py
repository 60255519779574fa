"""What the clients were answered."""

import re

from checks.exercises.multiplex.clients import ANSWER, LATER, PINGS
from checks.judging.answers import Fault, Line, about_answers, about_lines, are_soon, first_fault, late, said_unasked
from checks.judging.crowd import GONE, Visit, visits
from checks.judging.result import Compared, Mistake
from checks.judging.serving import Served
from checks.judging.unusual import FOREIGN, about_unusual, not_ascii
from lab.language import tr, tr_count
from lab.student.seed import Values

SEAT = re.compile(r"heard \d{3}: ")  # how an answer of some seat's begins
DELAY = 0.2  # seconds that an answer may take; for one that sleeps for less, however often, nobody waits long


def answers(served: Served, count: int) -> None:
    """See each line answered without delay, to whom it belongs."""
    are_soon(served)
    faults = [fault for visit in visits(served.evidence).values() if (fault := first_fault(visit, is_right))]
    for fault in sorted(faults, key=lambda fault: fault.line.moment):
        if fault.kind not in ("half", "together") and fault.line.text not in LATER:
            raise not_answered(served, fault, count)
    pings_are_soon(served)
    if len(visits(served.evidence)) < count:
        raise could_not_connect(served, f"c{len(visits(served.evidence)) + 1}")


def pings_are_soon(served: Served) -> None:
    """See a client that alone speaks answered without delay, as if nobody else wanted the CPU: all but one time."""
    pings = sorted(served.evidence.get("pings", []))
    if len(pings) < PINGS or pings[1] <= DELAY:
        return
    served.seen.can_tell(DELAY, known=2 * served.seen.late)
    served.seen.served(within=pings[1] - DELAY, since=served.evidence["quiet"][0]["to"])  # after which it said them
    raise late(served, pings[1])


def not_answered(served: Served, fault: Fault, count: int) -> Mistake:
    """Return the mistake of a server of which somebody has no answer, or another."""
    if fault.kind == "wrong" and fault.line.text == FOREIGN:
        return not_ascii(served, fault)
    if mistake := about_unusual(served, fault):
        return mistake
    if fault.kind in ("unanswered", "dropped"):
        return unanswered(served, fault, count)
    if fault.kind == "unasked" and (whose := said_by(served, fault)):
        return to_another(served, fault, whose)
    return about_answers(served, fault, wrong_answer) or said_unasked(served, fault)


def said_by(served: Served, fault: Fault) -> str:
    """Return who had said the line whose answer another has heard; "" if nobody."""
    others = (visit for visit in visits(served.evidence).values() if visit.name != fault.visit.name)
    moment = max(moment for moment, _, text in fault.visit.events if text == fault.heard)
    said = ((visit.name, line) for visit in others for when, line in visit.lines if when <= moment)
    return next((name for name, line in said if line and fault.heard.endswith(line)), "")


def to_another(served: Served, fault: Fault, whose: str) -> Mistake:
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
        keeps_apart(served, visit, [other for other in found.values() if other.name != visit.name])
    for visit in found.values():
        fault = first_fault(visit, is_right)
        if mistake := fault and (about_unusual(served, fault) or about_lines(served, fault)):
            raise mistake


def keeps_apart(served: Served, visit: Visit, others: list[Visit]) -> None:
    """See nothing in a client's answers that another had begun to say."""
    for (moment, line), (_, answer) in zip(visit.lines, visit.heard, strict=False):
        for other in others:
            begun = begun_at(other, moment)
            if begun and begun in answer.removesuffix(line):
                raise mixes(served, (visit.name, line, answer), other.name)


def mixes(served: Served, answered: tuple[str, str, str], other: str) -> Mistake:
    """Return the mistake of a server that has one rest for all."""
    name, text, answer = answered
    return served.mistake(
        "mixes-clients",
        tr(
            "{name} said “{text}”, and was answered: {answer}; {other} had said half a line before",
            name=name,
            text=text,
            answer=answer,
            other=other,
        ),
        advice=tr("half a line belongs to the client that has said it: keep a rest for each connection, not one"),
        compared=(f"… {text}", answer),
    )


def comes_and_goes(served: Served) -> None:
    """See more than the others served, after them, and when one of them has left."""
    found = visits(served.evidence)
    for visit in found.values():
        if fault := first_fault(visit, is_right):
            raise stops_answering(served, fault)
        if visit.dropped is not None:  # it was told a farewell
            raise hung_up(served, Fault("dropped", visit, Line(*visit.lines[-1]), answers=len(visit.lines)), len(found))
    if missing := [name for name in ("more", "new") if name not in found]:
        raise could_not_connect(served, missing[0])


def stops_answering(served: Served, fault: Fault) -> Mistake:
    """Return the mistake of a server that has answered all, until others came or went."""
    if fault.kind not in ("unanswered", "dropped"):
        return wrong_answer(served, fault)
    if fault.visit.dropped is None:
        served.seen.can_tell(1)
    return not_served_on(served, fault.visit, fault.line.text)


def not_served_on(served: Served, visit: Visit, text: str) -> Mistake:
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


def could_not_connect(served: Served, name: str) -> Mistake:
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


def unanswered(served: Served, fault: Fault, count: int) -> Mistake:
    """Return the mistake of a server that does not answer one of them."""
    if fault.visit.dropped is not None:
        raise hung_up(served, fault, count)
    served.seen.can_tell(1)
    others = there_with(served, fault)
    if any(begun_at(other, fault.line.moment) for other in others):
        return waits_for_the_rest(served, fault)
    return one_at_a_time(served, fault, count, len(others))


def there_with(served: Served, fault: Fault) -> list[Visit]:
    """Return the others who were there when a line was said that was not answered."""
    before = [
        v for v in visits(served.evidence).values() if v.name != fault.visit.name and v.entered < fault.line.moment
    ]
    return [v for v in before if not (v.events[-1][1] in GONE and v.events[-1][0] < fault.line.moment)]


def one_at_a_time(served: Served, fault: Fault, count: int, others: int) -> Mistake:
    """Return the mistake of a server that waits for another than who speaks."""
    return served.mistake(
        "one-at-a-time",
        tr_count(
            others,
            "{name} said “{text}” while {n} other was connected and silent: no answer in {answer} s",
            "{name} said “{text}” while {n} others were connected and silent: no answer in {answer} s",
            name=fault.visit.name,
            text=fault.line.text,
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


def hung_up(served: Served, fault: Fault, count: int) -> Mistake:
    """Return the mistake of a server that drops one of them."""
    return served.mistake(
        "hangs-up",
        how_dropped(fault) + served.complaint,
        advice=served.or_error(
            tr(
                "{count} clients and more are to be served: close a connection only when its recv returns b''",
                count=count,
            )
        ),
        compared=(tr("{count} clients answered", count=count), tr("dropped")),
    )


def how_dropped(fault: Fault) -> str:
    """Say who was dropped, and after what."""
    name, text = fault.visit.name, fault.line.text
    if fault.line.is_open:
        return tr("{name} was dropped by your server, when it had said half a line: “{text}”", name=name, text=text)
    if fault.kind != "dropped":
        return tr("{name} said “{text}”, got no answer, and was dropped by your server", name=name, text=text)
    if not fault.answers:
        return tr("{name} was dropped by your server before it had said anything", name=name)
    return tr("{name} was dropped by your server, after its line “{text}” was answered", name=name, text=text)


def begun_at(visit: Visit, moment: float) -> str:
    """Return the first part of a line that a client had said at a moment, but not the rest; "" if there was none."""
    said = [(kind, text) for when, kind, text in visit.events if kind in ("begin", "say") and when <= moment]
    return "".join(text for kind, text in said[-1:] if kind == "begin")


def waits_for_the_rest(served: Served, fault: Fault) -> Mistake:
    """Return the mistake of a server that waits for the end of one client's line, and nobody else is served."""
    name, text = fault.visit.name, fault.line.text
    return served.mistake(
        "waits-for-the-rest",
        tr("one client had said half a line; then {name} said “{text}”, and got no answer", name=name, text=text),
        advice=tr(
            "readline waits for the newline, and all others wait with it: recv what there is, keep half a line, and "
            "go back to select"
        ),
        compared=(tr("an answer"), tr("no answer")),
    )


def wrong_answer(served: Served, fault: Fault) -> Mistake:
    """Return the mistake of a server that says something else."""
    visit, text, answer = fault.visit, fault.line.text, fault.heard
    return served.mistake(
        "wrong-answer",
        tr("{name} said “{text}”, and was answered: {answer}", name=visit.name, text=text, answer=answer),
        advice=tr("the answer goes to whoever spoke: it begins as the statement says, and ends with what was said"),
        compared=(f"… {text}", answer),
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
            raise other_words(served, was, values["answer"], (f"{wanted}{line}", answer))


def other_words(served: Served, was: str, answer: object, compared: Compared) -> Mistake:
    """Return the mistake of an answer that is no seat's."""
    return served.mistake(
        "other-words",
        was,
        advice=tr("an answer is {answer}, a space, and the line as it was said", answer=answer),
        compared=compared,
    )
