"""Lines out of the ordinary, and what a server that answers each line with a line has made of one of them.

One is not ASCII, one is long, and within one its client is silent for a while.
"""

from collections.abc import Callable

from checks.judging.answers import Fault
from checks.judging.crowd import LISTEN, READ, Crowd, Guest
from checks.judging.result import Mistake
from checks.judging.serving import Served
from lab.language import tr

FOREIGN = "你好"
LONG = " ".join(map(str, range(1, 105)))  # seq -s ' ' 104: longer than the buffers that many have, of 100 to 256 bytes
HALF = "half a line and "  # behind which comes a silence; lines in parts, without one, were answered before
SHOWN = 20  # characters of each end of what is long
SILENCE = 1.2  # seconds: a limit of a second for a recv is over by then


def say_unusual(crowd: Crowd, guest: Guest, within: float) -> bool:
    """Say a line that is not ASCII, and a long one; tell whether both were answered, and nobody hung up."""
    for text in (FOREIGN, LONG):
        guest.say(text)
        if not (crowd.until(lambda: guest.is_answered, within) and guest.is_open):
            return False
        crowd.until(lambda: guest.is_read, READ)
        crowd.rest(LISTEN)  # who answers each part of a line does it now
    return True


def falls_silent(crowd: Crowd, guest: Guest) -> None:
    """Say half a line, and nothing for a while."""
    guest.begin(HALF.encode())
    crowd.rest(SILENCE)


def about_unusual(served: Served, fault: Fault) -> Mistake | None:
    """Return the mistake of a server for which a line was too long, not ASCII, or interrupted; None of another."""
    for is_it, mistake in KINDS:
        if is_it(fault):
            if fault.kind in ("unanswered", "no-newline"):
                served.seen.can_tell(1)
            return mistake(served, fault)
    return None


def is_foreign(fault: Fault) -> bool:
    """Tell whether it was the line that is not ASCII that was not answered, and others were."""
    return fault.kind == "unanswered" and fault.answers > 0 and fault.line.text == FOREIGN


def is_long(fault: Fault) -> bool:
    """Tell whether it was the long line that was not answered as one."""
    return fault.kind != "dropped" and fault.line.text == LONG


def was_silent(fault: Fault) -> bool:
    """Tell whether it happened to a line within which its client was silent."""
    return fault.line.text.startswith(HALF) and fault.kind != "unasked"


def has_ended(served: Served, fault: Fault) -> str:
    """Return what became of the connection, and the error that was told: the end of a sentence."""
    if served.is_over:
        return tr(": your server had ended") + served.ending + served.complaint
    return (tr(", and was dropped by your server") if fault.visit.dropped is not None else "") + served.complaint


def not_ascii(served: Served, fault: Fault) -> Mistake:
    """Return the mistake of a server that reads ASCII only."""
    name, text = fault.visit.name, fault.line.text
    if fault.kind == "unanswered":
        was = tr("{name} said “{text}”, and got no answer", name=name, text=text) + has_ended(served, fault)
    else:
        was = tr("{name} said “{text}”, and was answered: {answer}", name=name, text=text, answer=fault.heard)
    return served.mistake(
        "not-ascii",
        was,
        advice=tr(
            "that line is UTF-8, and not ASCII: decode it as UTF-8, leaving nothing out, or let it be bytes from the "
            "beginning to the end"
        ),
        compared=(tr("an answer to each line"), fault.heard or tr("no answer")),
    )


def too_long(served: Served, fault: Fault) -> Mistake:
    """Return the mistake of a server with a buffer that is too small for a line."""
    name, length = fault.visit.name, len(fault.line.text.encode()) + 1
    heard = shortened(fault.heard) or tr("no answer")
    if fault.kind == "unanswered":
        was = tr("{name} said one line of {length} bytes, and got no answer", name=name, length=length)
        was += has_ended(served, fault)
    elif fault.kind in ("unasked", "blank") and fault.answers:
        was = tr("{name} said one line of {length} bytes, and was answered more than once", name=name, length=length)
    else:
        was = tr(
            "{name} said one line of {length} bytes, and was answered: {heard}", name=name, length=length, heard=heard
        )
    return served.mistake(
        "long-line",
        was,
        advice=about_length(),
        compared=(tr("one answer to one line"), heard),
    )


def about_length() -> str:
    """Return what helps a server that has no room for a long line."""
    return tr(
        "a line may be longer than what one recv brings, or a buffer holds: keep what has no newline yet in what "
        "grows (+=, getline), or has room for some thousand bytes; all that comes before the newline is one line"
    )


def shortened(text: str) -> str:
    """Return the beginning and the end of what is too long for a sentence."""
    return text if len(text) <= 2 * SHOWN else f"{text[:SHOWN]} … {text[-SHOWN:]}"


def loses_patience(served: Served, fault: Fault) -> Mistake:
    """Return the mistake of a server to which a silence is the end of a line, or of a visit."""
    return served.mistake(
        "silence",
        what_came(served, fault),
        advice=tr(
            "a silence ends no line, however long it is: if recv or select has a limit, and the time is over, keep "
            "what there is of the line, and go on waiting; its end is the newline"
        ),
        compared=(tr("one answer to one line"), fault.heard or tr("no answer")),
    )


def what_came(served: Served, fault: Fault) -> str:
    """Return the sentence on a line within which its client was silent."""
    name, line = fault.visit.name, fault.line
    about = {"name": name, "text": line.text, "seconds": line.silence}
    if line.is_open and fault.kind == "dropped":
        return tr(
            "{name} had said half a line, “{text}”, and nothing more for {seconds:.1f} s: your server hung up", **about
        ) + (has_ended(served, fault) if served.is_over else served.complaint)
    if line.is_open:
        return tr(
            "{name} had said half a line, “{text}”, and nothing more for {seconds:.1f} s: it was answered", **about
        )
    said = tr("{name} said “{text}” in parts, and nothing for {seconds:.1f} s between two of them", **about)
    if fault.kind == "unanswered":
        return said + tr(": no answer") + has_ended(served, fault)
    return said + tr("; the answer was: {heard}", heard=fault.heard or "-")


KINDS: tuple[tuple[Callable[[Fault], bool], Callable[[Served, Fault], Mistake]], ...] = (
    (was_silent, loses_patience),
    (is_long, too_long),
    (is_foreign, not_ascii),
)
