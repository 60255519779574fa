"""What is said of a server that has broken a rule of the room."""

from typing import Any

from checks.exercises.chat_room.room import Room
from checks.exercises.chat_room.words import FLOOD, PATIENCE
from checks.judging.crowd import Visit
from checks.judging.result import Mistake
from checks.judging.seen import Seen
from checks.judging.unusual import LONG, about_length, shortened
from lab.language import tr, tr_as, tr_count
from lab.trace import History


def leaves_zombies(seen: Seen, stayed: list[float], seconds: float, history: History) -> Mistake:
    """Return the mistake of a server that does not wait for its children in time."""
    return seen.mistake(
        "zombies",
        tr_count(
            len(stayed),
            "your child {pid} stayed a zombie for {seconds:.1f} s after it ended: it was never waited for, or too late",
            "your child {pid} stayed a zombie for {seconds:.1f} s after it ended; {n} in all were never "
            "waited for, or too late",
            pid=history.pid,
            seconds=seconds,
        ),
        advice=tr(
            "wait for each child when SIGCHLD comes, os.waitpid(-1, os.WNOHANG) until none is left; or ignore it"
        ),
        compared=(tr("no zombie"), tr_count(len(stayed), "{n} zombie", "{n} zombies")),
    )


def refuses(room: Room, name: str) -> Mistake:
    """Return the mistake of a server that takes no more clients."""
    return room.served.mistake(
        "refuses",
        tr("{name} could not connect: nobody accepted", name=name) + room.served.complaint,
        advice=tr("accept must come again and again, whatever the server does for the others meanwhile"),
        compared=(tr("connected"), tr("refused")),
    )


def refuses_a_free_name(room: Room, name: str, answer: str) -> Mistake:
    """Return the mistake of a server that takes a name for another's."""
    return room.served.mistake(
        "refused-a-free-name",
        tr("nobody had the name {name}, and who asked for it was told: {answer}", name=name, answer=answer)
        + room.served.complaint,
        advice=tr("a name is taken if one online has just that name: compare whole names"),
        compared=(f"* welcome {name}", answer),
    )


def hangs_up(room: Room, name: str, note: dict[str, Any]) -> Mistake:
    """Return the mistake of a server that drops somebody."""
    advice = tr(
        "close a connection only when its recv returns b'' or raises, or when it reads nothing for long; "
        "what goes wrong for one client must not end another's connection"
    )
    return room.served.mistake(
        "hangs-up",
        tr("your server dropped {name}, before everyone had heard: {what}", name=name, what=room.wording(note))
        + was_told(room, name)
        + room.served.complaint,
        advice=room.served.or_ascii(about_length() if note["what"].endswith(LONG) else advice),
        compared=(tr_as("still", "connected"), tr("dropped")),
    )


def was_told(room: Room, name: str) -> str:
    """Return the last error of the room's own that a client was told: the end of a sentence; "" if there was none."""
    reason = room.reason(name)
    return tr("; it was told: {reason}", reason=reason) if reason else ""


def hangs_up_on_who_reads(room: Room, name: str, found: dict[str, Any]) -> Mistake:
    """Return the mistake of a server that drops one who speaks much, or who reads all that comes."""
    is_speaker = name == found["of"]
    return room.served.mistake(
        "hangs-up",
        tr(
            "your server dropped {name}, which had read all that came, when {who} had said {said} lines",
            name=name,
            who=found["of"],
            said=found["said"],
        )
        + was_told(room, name)
        + room.served.complaint,
        advice=tr("who speaks much, line after line, is a client like any other: its connection stays")
        if is_speaker
        else tr("only who does not read may be dropped: what goes wrong with that connection must not end another's"),
        compared=(tr_as("still", "connected"), tr("dropped")),
    )


def unheard(room: Room, key: str, note: dict[str, Any], advice: str) -> Mistake:
    """Return the mistake of a line that did not come."""
    what, missing = room.wording(note), ", ".join(note["missing"])
    found = [room.visits[name] for name in note["missing"] if name in room.visits]
    if parts := [(visit.name, visit.parts[0]) for visit in found if visit.parts]:
        raise has_no_end(room, *parts[0])
    if found and all(heard_late(visit, note["what"], note) for visit in found):
        raise too_late(room, missing, what)
    said = tr("{missing} did not hear within {patience} s: {what}", missing=missing, patience=PATIENCE, what=what)
    if gone := [name for name in note["missing"] if room.was_hung_up_on(name, note["until"])]:
        said = tr("{missing} was to hear: {what}, and was dropped by your server", missing=gone[0], what=what)
        said += was_told(room, gone[0])
    compared = by_how_many(note, what) if note["to"] > 1 else (what, last_heard(found))
    advice = room.served.or_ascii(advice)
    return room.served.mistake(key, said + room.served.complaint, advice=advice, compared=compared)


def heard_late(visit: Visit, what: str, note: dict[str, Any]) -> bool:
    """Tell whether one has heard something while it was waited for: an earlier one of the same words is another."""
    return any(text.startswith(what) and note["since"] <= moment <= note["until"] for moment, text in visit.heard)


def by_how_many(note: dict[str, Any], what: str) -> tuple[str, str]:
    """Return what was to be heard, and by how many it was."""
    heard = note["to"] - len(note["missing"])
    return tr("{what}, to {clients} clients", what=what, clients=note["to"]), tr("{heard} heard it", heard=heard)


def last_heard(found: list[Visit]) -> str:
    """Return the last that was heard instead."""
    return shortened("".join(text for visit in found for _, text in visit.heard[-1:])) or tr_as("output", "nothing")


def too_late(room: Room, missing: str, what: str) -> Mistake:
    """Return the mistake of a line that came when nobody waited for it any more."""
    return room.served.mistake(
        "too-late",
        tr(
            "{missing} heard this only after more than {patience} s: {what}",
            missing=missing,
            patience=PATIENCE,
            what=what,
        ),
        advice=tr("send each line as soon as it is there: no sleep, and no wait for one client while others speak"),
        compared=(tr("within {patience} s", patience=PATIENCE), tr("later")),
    )


def has_no_end(room: Room, name: str, part: str) -> Mistake:
    """Return the mistake of a server whose line has no end."""
    return room.served.mistake(
        "no-newline",
        tr("{name} was sent “{part}”, without a newline at its end", name=name, part=part),
        advice=tr("whatever the server says is a line: it ends with \\n, or the client goes on waiting for its end"),
        compared=(tr("a newline at the end"), tr("none")),
    )


def welcomes_nobody(room: Room, visit: Visit, first: str) -> Mistake:
    """Return the mistake of a welcome that does not say who is welcome."""
    return room.served.mistake(
        "welcome-without-name",
        tr("{name} logged in, and was told: {first}", name=visit.name, first=first),
        advice=tr("the answer to a login is * welcome, a space, and the name that was accepted"),
        compared=(f"* welcome {visit.name}", first),
    )


def welcomes_everybody(room: Room, visit: Visit, more: list[str]) -> Mistake:
    """Return the mistake of a server that welcomes one more than once."""
    return room.served.mistake(
        "welcomes-everybody",
        tr("{name} was online, and was told as well: {more}", name=visit.name, more=more[0]),
        advice=about_welcomes(room, visit, more[0]),
        compared=(tr("one welcome, to the newcomer"), tr("{count} welcomes", count=len(more) + 1)),
    )


def about_welcomes(room: Room, visit: Visit, welcome: str) -> str:
    """Return what helps who welcomes a client twice: for another's name, or for what it says later."""
    if any(text and text != visit.name and text in welcome for _, text in visit.lines):
        return tr("only the first line of a client is its name: keep who is logged in; any later line is a message")
    return tr("the welcome goes to the newcomer's own connection; the loop over the others sends the notice")


def told_twice(room: Room, name: str, notice: str) -> Mistake:
    """Return the mistake of a server that says a line of its own twice to one."""
    return room.served.mistake(
        "told-twice",
        tr("{name} was told twice: {notice}", name=name, notice=notice),
        advice=tr("each line goes to a connection once: is it sent in two places, or is one in the list twice?"),
        compared=(tr("once"), tr("twice")),
    )


def echoes(room: Room, visit: Visit, own: str) -> Mistake:
    """Return the mistake of a server that sends a message back to who has said it."""
    return room.served.mistake(
        "echo",
        tr("{name} heard its own message: {own}", name=visit.name, own=own),
        advice=tr("in the loop over all connections, leave the sender's out"),
        compared=(tr("everyone else hears it"), tr("the sender too")),
    )


def says_twice(room: Room, visit: Visit, text: str, times: int) -> Mistake:
    """Return the mistake of a server that sends a message twice to one."""
    return room.served.mistake(
        "twice",
        tr("{name} heard twice what was said once: {twice}", name=visit.name, twice=text),
        advice=tr(
            "each connection is to be in the list once, and each message sent in one place; does a child fork again?"
        ),
        compared=(tr("once"), tr("{count} times", count=times)),
    )


def says_nothing(room: Room, name: str, empty: list[str]) -> Mistake:
    """Return the mistake of a server that sends on what nobody has said: nobody here says an empty line."""
    return room.served.mistake(
        "empty-message",
        tr_count(
            len(empty),
            "{name} heard “{empty}”, with nothing behind it, {n} time; nobody had said that",
            "{name} heard “{empty}”, with nothing behind it, {n} times; nobody had said that",
            name=name,
            empty=empty[0],
        ),
        advice=tr("recv returns b'' when a client has left: that is no line, and comes again and again"),
        compared=(tr("what was said"), empty[0]),
    )


def tells_itself(room: Room, visit: Visit, own: str) -> Mistake:
    """Return the mistake of a server that announces a newcomer to itself."""
    return room.served.mistake(
        "told-itself",
        tr("{name} was told of its own login: {own}", name=visit.name, own=own),
        advice=tr("the newcomer has its * welcome: leave it out of the loop that tells the others"),
        compared=(tr("everyone else hears it"), tr("the newcomer too")),
    )


def refuses_silently(room: Room, name: str) -> Mistake:
    """Return the mistake of a server that hangs up on who asks for a name that is taken, without a word."""
    return room.served.mistake(
        "hangs-up",
        tr("{name} was online, and another asked for that name: your server dropped it without a word", name=name)
        + room.served.complaint,
        advice=tr("say why before you close the connection: * error: the name is taken"),
        compared=("* error: …", tr("dropped")),
    )


def accepts_twice(room: Room, name: str, answer: str, again: list[str]) -> Mistake:
    """Return the mistake of a server that lets two have one name, or tells others of who was refused."""
    return room.served.mistake(
        "accepted-twice",
        tr(
            "{name} was online, and another asked for that name; it was told: {answer}; the others were told: {again}",
            name=name,
            answer=answer or "-",
            again=again[0] if again else "-",
        ),
        advice=tr(
            "look for the name among those online before you accept it; say * error: and the reason to the "
            "newcomer alone; who was refused neither came nor goes"
        ),
        compared=("* error: …", answer or tr_as("output", "nothing")),
    )


def gives_no_reason(room: Room, name: str, answer: str) -> Mistake:
    """Return the mistake of a refusal without a reason."""
    return room.served.mistake(
        "no-reason",
        tr("another asked for the name {name}, which was taken, and was told: {answer}", name=name, answer=answer),
        advice=tr("say why, behind the colon: * error: the name is taken"),
        compared=(tr("* error: and the reason"), answer),
    )


def is_not_announced(room: Room, note: dict[str, Any]) -> Mistake:
    """Return the mistake of a server that does not tell the others who has come."""
    advice = tr("when a name was accepted, send the notice to each connection in the list, but not to the new one")
    return unheard(room, "no-login", note, advice)


def is_not_free(room: Room, note: dict[str, Any]) -> Mistake:
    """Return the mistake of a server that keeps the name of who is gone."""
    advice = tr(
        "who has left, or was killed, is not online any more: take the name out too, when the connection is closed"
    )
    return unheard(room, "name-not-free", note, advice)


def waits_for_the_slow(room: Room, found: dict[str, Any], least: int) -> Mistake:
    """Return the mistake of a server that waits for who does not read."""
    return room.served.mistake(
        "slow-stops-all",
        tr(
            "one client read nothing; {who} said {said} lines, and others heard {least} in {seconds:.1f} s",
            who=found["of"],
            said=found["said"],
            least=least,
            seconds=found["seconds"],
        ),
        advice=tr(
            "sendall waits for room in that client's socket, and with it waits the server: send without waiting "
            "(MSG_DONTWAIT, or setblocking(False)), and drop, or queue for, who does not read"
        ),
        compared=(tr("{flood} lines", flood=FLOOD), tr_count(least, "{n} line", "{n} lines")),
    )


def is_slow(room: Room, found: dict[str, Any], least: int) -> Mistake:
    """Return the mistake of a server that is slow before any client's socket can be full."""
    return room.served.mistake(
        "slow-itself",
        tr(
            "{who} said {said} lines, and others heard {least} in {seconds:.1f} s",
            who=found["of"],
            said=found["said"],
            least=least,
            seconds=found["seconds"],
        ),
        advice=tr("so few lines fill no socket: what does your server wait for with each line? a sleep, or a lock?"),
        compared=(tr("{flood} lines", flood=FLOOD), tr_count(least, "{n} line", "{n} lines")),
    )


def blank(room: Room) -> Mistake:
    """Return the mistake of a server that sends a line with nothing in it."""
    return room.served.mistake(
        "blank-line",
        tr("your server sent an empty line"),
        advice=tr(
            "a line that was read or received has its newline already: take it off (rstrip) before you add yours"
        ),
        compared=(tr("no empty line"), tr("an empty line")),
    )


def other_words(room: Room, sentence: str, words: str, strange: str) -> Mistake:
    """Return the mistake of a line that is no seat's."""
    return room.served.mistake(
        "other-words",
        sentence,
        advice=tr("beside messages and what begins with * there are these lines only: {words}", words=words),
        compared=(words, strange),
    )
