"""What the clients do, one scene after the other: each is played only if the one before went as it should."""

import select

from checks.exercises.chat_room.party import Party, come, go
from checks.exercises.chat_room.words import (
    AHEAD,
    ASIDE,
    BURIAL,
    CUT,
    FILLING,
    FLOOD,
    FLOOD_PATIENCE,
    LATER,
    ME_TOO,
    MEANWHILE,
    NAMES,
    NEVER_MIND,
    PATIENCE,
    SLEEPER,
    TWINS,
    TYPED,
    is_answer,
    is_welcome,
)
from checks.judging.crowd import READ, Guest
from checks.judging.seat import Evidence, Running
from checks.judging.serving import DEATH
from checks.judging.unusual import LONG
from lab import proc


def logins(party: Party, count: int) -> bool:
    """All come, one after the other."""
    return all(come(party, name) for name in NAMES[:count])


def messages(party: Party, count: int) -> bool:
    """Some speak."""
    speakers = (party.guests[0], party.guests[-1], party.guests[1])
    return all(party.says(guest, f"你好 {number}") for number, guest in enumerate(speakers))


def lines(party: Party, count: int) -> bool:
    """Two lines come at once; one in parts, between which another speaks; half with a whole; one is cut, one long."""
    guest = party.guests[0]
    guest.say("first\nsecond")
    if not (party.hears_from(guest, "first") and party.hears_from(guest, "second")):
        return False
    for part in (b"one half ", b"and "):
        if not begins(party, guest, part, f"{MEANWHILE} {part.decode().strip()}"):
            return False
    guest.end_line(b"the other")
    if not (party.hears_from(guest, "one half and the other") and goes_on(party, guest)):
        return False
    party.crowd.say_in_parts(guest, CUT.encode()[:3], CUT.encode()[3:])
    return party.hears_from(guest, CUT) and party.says(guest, LONG)


def goes_on(party: Party, guest: Guest) -> bool:
    """Let one say a line and the first part of the next in one go, and its rest when all have heard the first."""
    guest.say_and_begin("third", "and a ")
    if not party.hears_from(guest, "third"):
        return False
    guest.end_line(b"fourth")
    return party.hears_from(guest, "and a fourth")


def begins(party: Party, guest: Guest, part: bytes, aside: str) -> bool:
    """Let one say a part of a line, and then another a whole one."""
    guest.begin(part)
    party.crowd.until(lambda: guest.is_read, READ)
    return party.says(party.guests[1], aside)


def names(party: Party, count: int) -> bool:
    """One says its name in two parts, between which another speaks; one says its name and a message in one go."""
    slow, fast = LATER[:2]

    def say_slowly(guest: Guest) -> None:
        begins(party, guest, slow[:2].encode(), ASIDE)
        guest.end_line(slow[2:].encode())

    if not come(party, slow, say=say_slowly):
        return False
    guest = come(party, fast, say=lambda guest: guest.say(f"{fast}\nhello"))
    return guest is not None and party.hears_from(guest, "hello")


def silent(party: Party, count: int) -> bool:
    """One says nothing while another speaks, and one more comes; it leaves without a name, and the room goes on."""
    mute = party.enter("mute")
    if not (mute and party.says(party.guests[0], "who is that?") and come(party, LATER[2])):
        return False
    mute.say_no_more()
    party.crowd.until(lambda: not mute.is_open, READ)  # what the server does of it is done before the others speak
    mute.leave()
    return party.says(party.guests[0], NEVER_MIND)


def taken(party: Party, count: int) -> bool:
    """Two come, one after the other, under a name that is taken, and go again; the first says something before."""
    if not all(is_refused(party, label) for label in TWINS):
        return False
    return party.says(party.guests[0], "it is me") and party.says(party.guests[1], "I know")


def is_refused(party: Party, label: str) -> bool:
    """Let one come under a name that is taken; tell whether it was answered, or dropped."""
    twin = party.enter(label)
    if not twin:
        return False
    twin.say(party.guests[0].name)
    is_told = party.crowd.until(lambda: any(map(is_answer, twin.heard)) or not twin.is_open, PATIENCE)
    if label == TWINS[0]:
        twin.say(ME_TOO)
        party.crowd.until(lambda: twin.is_read, READ)
    is_heard = is_told and party.says(party.guests[1], f"who is {label}?")  # and the twin its answer, if it has one
    twin.leave()
    return is_heard


def administrator(party: Party, count: int) -> bool:
    """The administrator types a line, and another."""
    return all(typed(party, text) for text in TYPED)


def typed(party: Party, text: str) -> bool:
    """Type a line, and wait until all have heard it."""
    party.running.type(text)
    return party.hear(party.guests, lambda line: line.endswith(f" : {text}"), text, "")


def logout(party: Party, count: int) -> bool:
    """One leaves who came neither first nor last; somebody else comes under the name, which is free; more leave."""
    leaver, *later = party.guests[-1 - len(LATER) :]
    if not (go(party, leaver, leaver.leave) and is_free(party, "newcomer", leaver.name)):
        return False
    return all(go(party, guest, guest.leave) for guest in later)


def is_free(party: Party, newcomer: str, name: str) -> bool:
    """Let somebody else come under a name, and go."""
    guest = come(party, name, newcomer)
    return guest is not None and go(party, guest, guest.leave, name)


def killed(party: Party, count: int) -> bool:
    """One is killed, who has not read all that was said; somebody else comes under the name."""
    victim = party.guests[-2]
    victim.deaf = True
    party.guests.remove(victim)
    if not party.says(party.guests[0], "are you there?"):
        return False
    party.guests.append(victim)
    party.crowd.until(lambda: not victim.is_open or select.select([victim.end], [], [], 0)[0], PATIENCE)
    is_told = go(party, victim, victim.die) and party.says(party.guests[1], "what was that?")
    return is_told and is_free(party, "heir", victim.name)


def slow(party: Party, count: int) -> bool:
    """One does not read, while another speaks much more than a socket holds."""
    sleeper = come(party, SLEEPER)
    if not sleeper:
        return False
    party.guests.remove(sleeper)
    sleeper.deaf = True
    return flood(party, party.guests[0], party.guests[1:])


def cut(party: Party, count: int) -> bool:
    """Whom the server has cut off, as it did not read, is not online any more: somebody else comes under the name."""
    sleeper = next(guest for guest in party.crowd.guests if guest.name == SLEEPER)
    if sleeper.is_open:
        return True
    party.crowd.until(lambda: all(times > 1 for times in party.noticed(SLEEPER).values()), PATIENCE)
    guest = party.enter("awake")
    if not guest:
        return False
    guest.say(SLEEPER)
    return party.hear([guest], is_welcome, f"* welcome {SLEEPER}", guest.name)


IN_ORDER = (logins, messages, lines, names, silent, taken, administrator, logout, killed, slow, cut)


def flood(party: Party, speaker: Guest, listeners: list[Guest]) -> bool:
    """Let one speak without end; tell whether all the others have heard it in time."""
    counts = {listener.name: 0 for listener in listeners}

    def count(name: str, line: str) -> bool:
        if name in counts and line == f"{speaker.name} : {counts[name]:03d} {FILLING}":
            counts[name] += 1
        return FILLING in line

    for guest in (speaker, *listeners):
        guest.sink = lambda line, name=guest.name: count(name, line)
    started, said = speaker.clock(), 0
    while min(counts.values()) < FLOOD and speaker.is_open and speaker.clock() < started + FLOOD_PATIENCE:
        while said < FLOOD and said < min(counts.values()) + AHEAD:
            speaker.say(f"{said:03d} {FILLING}", note=False)
            said += 1
        before = sum(counts.values())
        if not party.crowd.until(lambda before=before: sum(counts.values()) > before, PATIENCE):  # type: ignore[misc]
            break
    party.flood = {"of": speaker.name, "said": said, "heard": counts, "seconds": round(speaker.clock() - started, 2)}
    party.flood["until"] = speaker.clock()
    return min(counts.values()) == FLOOD


def empty(party: Party) -> Evidence:
    """All leave; return whether the server is still there then, and when."""
    for guest in party.crowd.guests:
        guest.leave()
    if party.crowd.guests:
        bury(party)
    if party.crowd.was_just_dropped():  # by a server that is about to end?
        party.crowd.until(lambda: party.running.ended, DEATH)
    return {"ended": party.running.ended, "end": party.running.moment()}


def bury(party: Party) -> None:
    """Give the server a moment to bury its dead."""
    party.crowd.until(lambda: False, BURIAL / 2)
    party.crowd.until(lambda: not has_zombies(party.running), 2 * BURIAL)


def has_zombies(running: Running) -> bool:
    """Tell whether a process of the program is a zombie."""
    return any(process.state == "Z" for process in proc.descendants(running.recording.job.leader, proc.snapshot()))
