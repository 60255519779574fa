"""Who was dropped, and when."""

from checks.exercises.timeout.answered import IDLE, SEAT, hangs_up, too_busy
from checks.judging.answers import are_soon
from checks.judging.crowd import visits
from checks.judging.result import Mistake
from checks.judging.serving import Served
from checks.judging.wording import exactly
from lab.language import tr
from lab.student.seed import Values

KNOWN = 0.25  # seconds to which times must be known where another seat's may be off by 0.3
LINGERS = 0.3  # seconds beyond its time after which a client is still there that nobody has closed
EARLY = 0.1  # seconds too early that a drop may be: no machine, however busy, makes a silence look shorter than it was
WHOLE = 0.08  # seconds by which a time may be off and look like one of whole seconds


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


def has_values(served: Served, values: Values) -> None:
    """Compare the time and the answer with what was asked for in this seat."""
    seconds, seen, found = float(values["seconds"]), served.seen, visits(served.evidence)
    silent, talker = found["silent"], found["talker"]
    first = (silent.dropped or 0.0) - silent.entered
    second = (talker.dropped or 0.0) - talker.said[-1][0]
    heard = [text for visit in found.values() for _, text in visit.heard]
    if strange := [text for text in heard if text != values["answer"] and SEAT.match(text)]:
        raise anothers(served, values, first, second, strange[0])
    if min(first, second) < seconds - EARLY:
        raise dropped_at_another_time(served, seconds, first, second)
    if seen.is_near(max(abs(first - seconds), abs(second - seconds))):
        return drops_the_others(served, seconds)
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


def drops_the_others(served: Served, seconds: float) -> None:
    """See the others dropped as well, before somebody else came: a parent may still have had its copy."""
    for visit in visits(served.evidence).values():
        if visit.name not in ("next", "half") and not visit.name.startswith(IDLE):
            continue
        moment = max(moment for moment, kind, _ in visit.events if kind in ("enter", "say", "begin"))
        silence = (visit.dropped or served.evidence["end"]) - moment
        late = silence - seconds
        if late > max(served.seen.slack, LINGERS):
            served.seen.served(within=late / 2, since=visit.entered)
            raise halts_for_ever(served, silence) if visit.name == "half" else never_dropped(served, seconds, silence)


def halts_for_ever(served: Served, silence: float) -> Mistake:
    """Return the mistake of a server that waits without a limit for the rest of a line."""
    return served.mistake(
        "waits-for-the-rest",
        tr("a client said half a line, and nothing more for {silence:.1f} s, and was still connected", silence=silence),
        advice=tr(
            "the limit is one for each recv, also within a line: readline behind select waits for the newline for ever"
        ),
        compared=(tr("dropped"), tr("not dropped")),
    )


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
