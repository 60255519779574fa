"""The rules of the room, each of which looks at a scene."""

import itertools
import re
from typing import Any

from checks.exercises.chat_room.mistakes import (
    accepts_twice,
    blank,
    echoes,
    gives_no_reason,
    hangs_up,
    hangs_up_on_who_reads,
    is_not_announced,
    is_not_free,
    is_slow,
    leaves_zombies,
    other_words,
    refuses,
    refuses_a_free_name,
    refuses_silently,
    says_nothing,
    says_twice,
    tells_itself,
    told_twice,
    unheard,
    waits_for_the_slow,
    welcomes_everybody,
    welcomes_nobody,
)
from checks.exercises.chat_room.room import Room, repeated
from checks.exercises.chat_room.words import (
    ADMINISTRATOR,
    ASIDE,
    BURIAL,
    CONNECT,
    CUT,
    EVERYBODY,
    FLOOD,
    ME_TOO,
    MEANWHILE,
    NAMES,
    NEVER_MIND,
    ROOMY,
    TWINS,
    TYPED,
    WORDS,
    is_answer,
    is_notice,
    is_welcome,
)
from checks.judging.crowd import Visit
from checks.judging.result import Mistake
from checks.judging.unusual import LONG, about_length
from checks.judging.verdict import CouldNotRunError
from lab.language import tr
from lab.trace import Span


def missed(room: Room, scene: str) -> dict[str, Any] | None:
    """Return the first line of a scene that did not come, None if all came; the scene must have been played."""
    if scene not in room.evidence["scenes"]:
        raise CouldNotRunError(tr("the check did not come to {scene}", scene=scene))
    found = [note for note in room.evidence["expected"] if note["scene"] == scene and note["missing"]]
    if found:
        room.served.seen.can_tell(1)
    if found and found[0]["what"] == CONNECT:
        raise refuses(room, found[0]["of"])
    gone = room.hung_up_on([found[0]["of"], *found[0]["missing"]], found[0]["until"]) if found else []
    if dropped := [name for name in gone if not room.was_refused(name)]:
        raise hangs_up(room, dropped[0], found[0])
    if found and (answer := refused(room, found[0]["of"])):
        raise refuses_a_free_name(room, found[0]["of"], answer)
    return found[0] if found else None


def refused(room: Room, name: str) -> str:
    """Return what one was told who had come first under its name, and was refused; "" if it was not."""
    visit = room.visits.get(name)
    if not visit or [text for _, text in visit.lines[:1]] != [name]:  # it has come later, under another's
        return ""
    answers = [text for _, text in visit.heard if is_answer(text)]
    return "".join(text for text in answers[:1] if not is_welcome(text))


def are_welcome(room: Room) -> None:
    """See each welcomed, and announced to who was there."""
    note = missed(room, "logins")
    if note and note["what"] != "login":
        advice = tr("the first line of a client is its name: answer it with * welcome, the name, and a newline")
        if note["of"] != NAMES[0]:
            advice = tr(
                "the first client was welcome: accept the next while it is there, and do not wait for one alone"
            )
        raise unheard(room, "no-welcome", note, advice)
    if note:
        raise is_not_announced(room, note)
    welcomes(room)
    tells_once(room, room.before_twin)


def welcomes(room: Room) -> None:
    """See each welcomed by name, and nobody told of another's welcome."""
    for visit in room.online:
        first, *more = [text for _, text in visit.heard if is_welcome(text)]
        if not re.match(rf"\* welcome {re.escape(visit.name)}(\W.*)?$", first):
            raise welcomes_nobody(room, visit, first)
        if again := repeated(visit):
            raise told_twice(room, visit.name, again)
        if more:
            raise welcomes_everybody(room, visit, more)


def tells_once(room: Room, until: float) -> None:
    """See nobody told the same of somebody twice, up to some moment: who has left may come again, in between."""
    for visit in room.online:
        for name in NAMES:
            told = [text for moment, text in visit.heard if is_notice(text, name) and moment < until]
            again = [text for text, following in itertools.pairwise(told) if text == following]
            if again:
                raise told_twice(room, visit.name, again[0])


def reach_everyone(room: Room) -> None:
    """See each message heard by all others, once, and not by who said it."""
    if note := missed(room, "messages"):
        advice = tr("a message goes to each connection in the list but the sender's: NAME : TEXT and a newline")
        raise unheard(room, "no-message", note, advice)
    for visit in room.visits.values():
        said = [text for _, text in visit.heard if " : " in text and not text.startswith("* ")]
        texts = [text for text in said if not text.endswith(f" : {ME_TOO}")]
        own = [text for text in texts if text.startswith(f"{visit.name} : ")]
        if own and visit.name not in TWINS:
            raise echoes(room, visit, own[0])
        if empty := [text for text in texts if text.endswith(" : ")]:
            raise says_nothing(room, visit.name, empty)
        if twice := [text for text in texts if texts.count(text) > 1]:
            raise says_twice(room, visit, twice[0], texts.count(twice[0]))
    is_told_of_others(room)


def is_told_of_others(room: Room) -> None:
    """See nobody told of its own login; an echo has that as well."""
    until = room.before_twin
    for visit in room.visits.values():
        own = [text for moment, text in visit.heard if is_notice(text, visit.name) and moment < until]
        if own:
            raise tells_itself(room, visit, own[0])


def are_lines(room: Room) -> None:
    """See lines kept apart, and put together."""
    note = missed(room, "lines")
    if not note:
        return
    if note["what"].endswith(("first", "second")):
        advice = tr("two lines may come in one recv: cut what it brings at each newline")
        raise unheard(room, "glued", note, advice)
    if note["what"].endswith(LONG):
        raise unheard(room, "long-line", note, about_length())
    if MEANWHILE in note["what"]:
        raise stops_all(room, note, tr("who has said half a line stops nobody: keep that half, and serve the others"))
    if note["what"].endswith(CUT):
        advice = tr(
            "a character may come in two parts as well: put the bytes together, cut them at the newline, and "
            "only then decode the line"
        )
        raise unheard(room, "split-character", note, advice)
    advice = tr("one recv may bring half a line: keep what has no newline yet, until the rest comes")
    raise unheard(room, "split", note, advice)


def are_names(room: Room) -> None:
    """See a name taken for a line: whole, and no more."""
    note = missed(room, "names")
    if not note:
        return
    if note["what"].endswith(ASIDE):
        raise stops_all(room, note, tr("who has said half its name stops nobody: keep that half, and serve the others"))
    advice = tr(
        "the name is the first line, not what the first recv brings: that may be half of it, or a message behind it too"
    )
    raise unheard(room, "name-by-recv", note, advice)


def waits_for_no_name(room: Room) -> None:
    """See the others served while one has not said its name, and when it has left without one."""
    note = missed(room, "silent")
    if not note:
        return
    if note["what"].endswith(NEVER_MIND):
        advice = tr("a client may leave before it has said its name: then nobody is told, and the room goes on")
        raise unheard(room, "nameless", note, advice)
    advice = tr("who connects may say nothing for long: wait for its name as for any line, together with the others'")
    raise stops_all(room, note, advice)


def stops_all(room: Room, note: dict[str, Any], advice: str) -> Mistake:
    """Return the mistake of a server that waits for one while the others speak and come."""
    return unheard(room, "silent-stops-all", note, advice)


def is_taken_once(room: Room) -> None:
    """See the second of a name refused, and nobody told of it."""
    note, name = missed(room, "taken"), NAMES[0]
    for twin in (room.visits[label] for label in TWINS if label in room.visits):
        is_refused(room, name, twin)
    if note:
        advice = tr("who was refused takes nothing from who has the name")
        raise unheard(room, "lost-the-first", note, advice)


def is_refused(room: Room, name: str, twin: Visit) -> None:
    """See one who has come under a taken name told why it was refused, and nobody else told of it."""
    heard = [text for _, text in twin.heard]
    answer = next((text for text in heard if is_answer(text)), "".join(heard[-1:]))
    if not answer and twin.dropped is None:
        room.served.seen.can_tell(1)
    again = told_of_who_was_refused(room, name, twin)
    if not heard and not again and twin.dropped is not None:
        raise refuses_silently(room, name)
    if again or not answer.startswith("* error"):
        raise accepts_twice(room, name, answer, again)
    if not re.match(r"\* error: *\S", answer):
        raise gives_no_reason(room, name, answer)
    if repeat := repeated(twin):
        raise told_twice(room, twin.name, repeat)


def told_of_who_was_refused(room: Room, name: str, twin: Visit) -> list[str]:
    """Return what the others were told of one who came under a taken name, until another did or the first left.

    What it says after that may be another name, and may have been accepted.
    """
    ends = [moment for visit in room.online for moment, kind, _ in visit.events if kind in ("leave", "dropped")]
    ends += [visit.entered for visit in room.visits.values() if visit.name in TWINS and visit.entered > twin.entered]
    told = [text for visit in room.online for moment, text in visit.heard if twin.entered < moment < min(ends) and text]
    in_its_name = [text for text in told if text == f"{name} : {ME_TOO}"]
    others = [text for text in told if not text.startswith(f"{ME_TOO} ") and " : " not in text]
    return in_its_name + [text for text in others if text.startswith("* error") or not text.startswith("* ")]


def hear_the_administrator(room: Room) -> None:
    """See what was typed at the server's keyboard heard by all."""
    if note := missed(room, "administrator"):
        advice = tr("the server's own standard input is one more thing to wait for: a line of it goes to everyone")
        if note["what"] != TYPED[0]:
            advice = tr("the keyboard stays in select, or in a loop of its own: line after line, not one")
        raise unheard(room, "admin-once" if note["what"] != TYPED[0] else "no-admin", note, advice)


def is_announced(room: Room) -> None:
    """See who has left announced, and the name free."""
    note = missed(room, "logout")
    if note and note["what"] == "login":
        raise is_not_announced(room, note)
    if note and note["what"] != "logout":
        raise is_not_free(room, note)
    if note:
        advice = tr("recv returns b'' when a client has left: take it out of the list, and tell the others")
        raise unheard(room, "no-logout", note, advice)
    tells_once(room, room.evidence["end"])


def is_announced_if_killed(room: Room) -> None:
    """See who was killed announced, and the others served on."""
    note = missed(room, "killed")
    if note and note["what"] == "login":
        raise is_not_announced(room, note)
    if note and note["what"].startswith("* welcome"):
        raise is_not_free(room, note)
    if note:
        advice = tr(
            "a killed client says no goodbye: recv or send raises ConnectionResetError or BrokenPipeError, "
            "which means the same as b''"
        )
        raise unheard(room, "no-logout-of-killed", note, advice)


def stops_nobody(room: Room) -> None:
    """See that the others heard all while one did not read."""
    note, found = missed(room, "slow"), room.evidence["flood"]
    if note:
        advice = tr("a newcomer is welcome as the first was")
        raise unheard(room, "no-newcomer", note, advice)
    least = min(found["heard"].values())
    if least == FLOOD:
        return is_cut_off(room)
    room.served.seen.can_tell(1)
    if gone := room.hung_up_on([found["of"], *found["heard"]], found["until"]):
        raise hangs_up_on_who_reads(room, gone[0], found)
    if least < ROOMY:
        raise is_slow(room, found, least)
    raise waits_for_the_slow(room, found, least)


def is_cut_off(room: Room) -> None:
    """See the name of whom the server has cut off free again."""
    if note := missed(room, "cut"):
        raise is_not_free(room, note)


def leaves_no_zombie(room: Room) -> None:
    """See nobody a zombie for longer than a moment."""
    seen = room.served.seen
    time = [Span(0.0, room.evidence["buried"], 0)]
    found = [(seen.in_state(history, "Z", time), history) for history in seen.others]
    seconds, history = max(found, key=lambda pair: pair[0], default=(0.0, seen.root))
    if seen.at_most(seconds, BURIAL):
        return
    stayed = [longer for longer, _ in found if longer > BURIAL]
    raise leaves_zombies(seen, stayed, seconds, history)


def has_values(room: Room) -> None:
    """Compare the words with those of this seat."""
    values = room.values
    wanted = {f"{name} {values[which]}" for name in EVERYBODY for which in ("login", "logout")}
    wanted |= {f"{values['admin']} : {text}" for text in TYPED}
    heard = [text for visit in room.visits.values() for _, text in visit.heard]
    names = tuple(f"{name} : " for name in EVERYBODY)
    nameless = {values["login"], values["logout"]}  # what is told of who has no name is free
    others = [text for text in heard if text not in wanted and text.strip() not in nameless]
    strange = [text for text in others if not text.startswith(("* ", *names))]
    if not strange:
        return
    if not strange[0]:
        raise blank(room)
    words = f"NAME {values['login']}, NAME {values['logout']}, {values['admin']} : TEXT"
    sentence = tr("a line is: {strange}", strange=strange[0])
    anothers = WORDS - nameless
    if strange[0].partition(" ")[2] in anothers or ADMINISTRATOR.match(strange[0]):
        raise room.served.other_values(sentence, values, compared=(words, strange[0]))
    raise other_words(room, sentence, words, strange[0])
