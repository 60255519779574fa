"""Exercise 23: a group chat server, driven by many clients: who comes, speaks, leaves, is killed, does not read."""

import itertools
import re
import select
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from checks.judging.crowd import Crowd, Guest, Visit, visits
from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Running, Seat
from checks.judging.seen import Seen
from checks.judging.serving import DEATH, Served, occupied, service
from checks.judging.verdict import CouldNotRunError
from lab import proc
from lab.exercises.chat_room.values import ADMINISTRATORS, NOTICES
from lab.language import tr, tr_as, tr_count
from lab.student.seed import Values
from lab.trace import History, Span

SLUG = "chat-room"
SOCKET = "chat-room.sock"
NAMES = ["张三", "mary", "李四", "tom", "小红", "anna", "王五", "peter"]
PATIENCE = 2.5  # seconds: a deadline for a line that never comes
LATE = 1.0  # for one that comes later than that
FLOOD, FILLING = 500, "x" * 500  # lines of it; a socket's buffer takes 208 KiB, socket(7)
AHEAD = 8  # lines that are said before they are heard
ROOMY = 100  # lines of it that a socket holds in any case
FLOOD_PATIENCE = 10.0  # seconds, for all of it
CONNECT = "connect"
BURIAL = 0.5  # seconds in which a zombie must be reaped
TYPED = ("class begins", "class ends")
CUT = "a 字 in two"  # a line that comes in two parts, cut in the middle of a character
WORDS = {word for pair in NOTICES for word in pair}
ADMINISTRATOR = re.compile(rf"({'|'.join(ADMINISTRATORS)})\d{{1,2}} : ")  # some seat's


def observe(seat: Seat, values: Values) -> Evidence:
    """Be everybody in the room, and the administrator at the server's keyboard."""
    if found := occupied(seat, SLUG, SOCKET):
        return found
    with service(seat, SLUG, SOCKET, seconds=60, keyboard=True) as served:
        party = Party(served.crowd, served.running)
        for scene in (logins, messages, lines, taken, administrator, logout, killed, slow):
            party.scenes.append(scene.__name__)
            if not scene(party, int(values["clients"])):
                break
        over = empty(party)
        if party.crowd.guests:  # a child may have waited for the keyboard
            party.running.stop_typing()
            bury(party)
    found = {"scenes": party.scenes, "expected": party.expected, "flood": party.flood}
    return served.evidence | found | over | {"buried": served.evidence["end"]}


@dataclass
class Party:
    """The clients, and what they have to hear."""

    crowd: Crowd
    running: Running
    guests: list[Guest] = field(default_factory=list)  # who is online and listens
    scenes: list[str] = field(default_factory=list)
    expected: list[dict[str, Any]] = field(default_factory=list)
    flood: dict[str, Any] = field(default_factory=dict)

    def hear(self, who: list[Guest], is_it: Callable[[str], bool], what: str, of: str) -> bool:
        """Wait until each has heard a line; note what it was to be, and who has not heard it."""
        came = self.crowd.until(lambda: all(any(map(is_it, guest.heard)) for guest in who), PATIENCE)
        missing = [guest.name for guest in who if not any(map(is_it, guest.heard))]
        self.crowd.until(lambda: all(any(map(is_it, guest.heard)) for guest in who), LATE)
        self.expected.append({"scene": self.scenes[-1], "of": of, "what": what, "to": len(who), "missing": missing})
        return came

    def enter(self, name: str) -> Guest | None:
        """Connect one, or note that it could not."""
        guest = self.crowd.enter(name)
        if not guest and self.crowd.guests:
            self.expected.append({"scene": self.scenes[-1], "of": name, "what": CONNECT, "to": 1, "missing": [name]})
        return guest

    def says(self, guest: Guest, text: str) -> bool:
        """Let one say a line, and wait until all the others have heard it."""
        guest.say(text)
        return self.hears_from(guest, text)

    def hears_from(self, guest: Guest, text: str) -> bool:
        """Wait until all the others have heard a line of one."""
        line = f"{guest.name} : {text}"
        return self.hear(
            [other for other in self.guests if other is not guest], lambda heard: heard == line, line, guest.name
        )


def is_welcome(line: str) -> bool:
    """Tell whether a line says that a login was accepted."""
    return line.startswith("* welcome")


def is_answer(line: str) -> bool:
    """Tell whether a line says what became of a login."""
    return is_welcome(line) or line.startswith("* error")


def is_notice(line: str, name: str) -> bool:
    """Tell whether a line says something about one, and is no message."""
    return line.startswith(f"{name} ") and not line.startswith(f"{name} : ")


def repeated(visit: Visit) -> str:
    """Return what one was told of the server's own (a greeting, its answer) twice on end; "" if nothing was."""
    for (_, kind, text), following in itertools.pairwise(visit.events):
        if kind == "hear" and text.startswith("* ") and following[1:] == (kind, text):
            return text
    return ""


def come(party: Party, name: str) -> Guest | None:
    """Log one in, and wait until it is welcome and the others know."""
    guest = party.enter(name)
    if not guest:
        return None
    guest.say(name)
    welcome = party.hear([guest], is_welcome, f"* welcome {name}", name)
    known = party.hear(party.guests, lambda line: is_notice(line, name), "login", name)
    party.guests.append(guest)
    return guest if welcome and known else None


def go(party: Party, guest: Guest, leave: Callable[[], None]) -> bool:
    """Let one go in some way, and wait until the others know."""
    party.guests.remove(guest)
    before = {other.name: notices(other, guest.name) for other in party.guests}
    leave()
    came = party.crowd.until(
        lambda: all(notices(other, guest.name) > before[other.name] for other in party.guests), PATIENCE
    )
    missing = [other.name for other in party.guests if notices(other, guest.name) <= before[other.name]]
    note = {"scene": party.scenes[-1], "of": guest.name, "what": "logout", "to": len(party.guests), "missing": missing}
    party.expected.append(note)
    return came


def notices(guest: Guest, name: str) -> int:
    """Return how many notices about one a client has heard."""
    return sum(is_notice(line, name) for line in guest.heard)


def logins(party: Party, count: int) -> bool:
    """All come, one after the other."""
    return all(come(party, name) for name in NAMES[:count])


def messages(party: Party, count: int) -> bool:
    """Some speak."""
    speakers = (party.guests[0], party.guests[-1], party.guests[1])
    return all(party.says(guest, f"你好 {number}") for number, guest in enumerate(speakers))


def lines(party: Party, count: int) -> bool:
    """Two lines come at once, and one in two parts."""
    guest = party.guests[0]
    guest.say("first\nsecond")
    if not (party.hears_from(guest, "first") and party.hears_from(guest, "second")):
        return False
    party.crowd.say_in_parts(guest, b"one half and ", b"the other")
    if not party.hears_from(guest, "one half and the other"):
        return False
    party.crowd.say_in_parts(guest, CUT.encode()[:3], CUT.encode()[3:])
    return party.hears_from(guest, CUT)


def taken(party: Party, count: int) -> bool:
    """One more comes, under a name that is taken, and goes again."""
    twin = party.enter("twin")
    if not twin:
        return False
    twin.say(party.guests[0].name)
    if not party.crowd.until(lambda: any(map(is_answer, twin.heard)) or not twin.is_open, PATIENCE):
        return False
    twin.leave()
    return party.says(party.guests[0], "it is me") and party.says(party.guests[1], "I know")


def administrator(party: Party, count: int) -> bool:
    """The administrator types a line, and another."""
    return all(typed(party, text) for text in TYPED)


def typed(party: Party, text: str) -> bool:
    """Type a line, and wait until all have heard it."""
    party.running.type(text)
    return party.hear(party.guests, lambda line: line.endswith(f" : {text}"), text, "")


def logout(party: Party, count: int) -> bool:
    """One leaves, and somebody else comes under the name, which is free again."""
    leaver = party.guests[-1]
    return go(party, leaver, leaver.leave) and is_free(party, "newcomer", leaver.name)


def is_free(party: Party, newcomer: str, name: str) -> bool:
    """Let somebody else come under a name, and go."""
    guest = party.enter(newcomer)
    if not guest:
        return False
    guest.say(name)
    is_welcome_now = party.hear([guest], is_welcome, f"* welcome {name}", name)
    guest.leave()
    return is_welcome_now


def killed(party: Party, count: int) -> bool:
    """One is killed, who has not read all that was said; somebody else comes under the name."""
    victim = party.guests[-1]
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
    sleeper = come(party, "sleeper")
    if not sleeper:
        return False
    party.guests.remove(sleeper)
    sleeper.deaf = True
    return flood(party, party.guests[0], party.guests[1:])


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


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say which rule of the room was kept."""
    room = Room(Served(evidence, SOCKET), values)
    rules: list[tuple[str, str, Callable[[], None]]] = [
        ("login", tr("who logs in is welcome, and the others are told"), room.logins),
        ("messages", tr("a message goes to everyone else"), room.messages),
        ("lines", tr("a message is a line, in however many pieces"), room.lines),
        ("taken", tr("a name is taken once"), room.taken),
        ("admin", tr("the administrator speaks to everyone"), room.administrator),
        ("logout", tr("who leaves is announced"), room.logout),
        ("killed", tr("so is who is killed"), room.killed),
        ("slow", tr("who does not read stops nobody"), room.slow),
        ("zombies", tr("no zombie stays"), room.zombies),
        ("values", tr("the words are those of this seat"), room.has_values),
    ]
    before = ["lives", *(name for name, _, _ in rules)]
    chain = (Check(name, text, test, after) for (name, text, test), after in zip(rules, before, strict=False))
    return results(*room.served.checks, *chain)


@dataclass(frozen=True)
class Room:
    """The evidence, and the rules."""

    served: Served
    values: Values

    @property
    def evidence(self) -> Evidence:
        """What was seen."""
        return self.served.evidence

    @property
    def visits(self) -> dict[str, Visit]:
        """What each client said and heard."""
        return visits(self.evidence)

    def missed(self, scene: str) -> dict[str, Any] | None:
        """Return the first line of a scene that did not come, None if all came; the scene must have been played."""
        if scene not in self.evidence["scenes"]:
            raise CouldNotRunError(tr("the check did not come to {scene}", scene=scene))
        found = [note for note in self.evidence["expected"] if note["scene"] == scene and note["missing"]]
        if found:
            self.served.seen.can_tell(1)
        if found and found[0]["what"] == CONNECT:
            raise self.refuses(found[0]["of"])
        about = [found[0]["of"], *found[0]["missing"]] if found else []
        if dropped := [name for name in about if name in self.visits and self.visits[name].dropped is not None]:
            raise self.hangs_up(dropped[0], found[0]["what"])
        return found[0] if found else None

    def refuses(self, name: str) -> Exception:
        """Return the mistake of a server that takes no more clients."""
        return self.served.mistake(
            "refuses",
            tr("{name} could not connect: nobody accepted", name=name) + self.served.complaint,
            advice=tr("accept must come again and again, whatever the server does for the others meanwhile"),
            compared=(tr("connected"), tr("refused")),
        )

    def hangs_up(self, name: str, what: str) -> Exception:
        """Return the mistake of a server that drops somebody."""
        return self.served.mistake(
            "hangs-up",
            tr("your server dropped {name}, before everyone had heard: {what}", name=name, what=what)
            + self.served.complaint,
            advice=tr(
                "close a connection only when its recv returns b'' or raises, or when it reads nothing for long; "
                "what goes wrong for one client must not end another's connection"
            ),
            compared=(tr_as("still", "connected"), tr("dropped")),
        )

    def unheard(self, key: str, note: dict[str, Any], advice: str, what: str = "") -> Exception:
        """Return the mistake of a line that did not come."""
        what, missing = what or note["what"], ", ".join(note["missing"])
        found = [self.visits[name] for name in note["missing"] if name in self.visits]
        if parts := [(visit.name, visit.parts[0]) for visit in found if visit.parts]:
            raise self.has_no_end(*parts[0])
        if found and all(any(text.startswith(what) for _, text in visit.heard) for visit in found):
            raise self.too_late(missing, what)
        heard = note["to"] - len(note["missing"])
        last = [text for visit in found for _, text in visit.heard[-1:]]
        return self.served.mistake(
            key,
            tr("{missing} did not hear within {patience} s: {what}", missing=missing, patience=PATIENCE, what=what)
            + self.served.complaint,
            advice=advice,
            compared=(
                tr("{what}, to {clients} clients", what=what, clients=note["to"]) if note["to"] > 1 else what,
                tr("{heard} heard it", heard=heard) if note["to"] > 1 else "".join(last) or tr_as("output", "nothing"),
            ),
        )

    def too_late(self, missing: str, what: str) -> Exception:
        """Return the mistake of a line that came when nobody waited for it any more."""
        return self.served.mistake(
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

    def has_no_end(self, name: str, part: str) -> Exception:
        """Return the mistake of a server whose line has no end."""
        return self.served.mistake(
            "no-newline",
            tr("{name} was sent “{part}”, without a newline at its end", name=name, part=part),
            advice=tr(
                "whatever the server says is a line: it ends with \\n, or the client goes on waiting for its end"
            ),
            compared=(tr("a newline at the end"), tr("none")),
        )

    def logins(self) -> None:
        """See each welcomed, and announced to who was there."""
        note = self.missed("logins")
        if note and note["what"] != "login":
            advice = tr("the first line of a client is its name: answer it with * welcome, the name, and a newline")
            if note["of"] != NAMES[0]:
                advice = tr(
                    "the first client was welcome: accept the next while it is there, and do not wait for one alone"
                )
            raise self.unheard("no-welcome", note, advice)
        if note:
            advice = tr(
                "when a name was accepted, send the notice to each connection in the list, but not to the new one"
            )
            raise self.unheard("no-login", note, advice, f"{note['of']} {self.values['login']}")
        self.welcomes()
        self.tells_once(self.before_twin)

    def welcomes(self) -> None:
        """See each welcomed by name, and nobody told of another's welcome."""
        for visit in self.online:
            first, *more = [text for _, text in visit.heard if is_welcome(text)]
            if not re.match(rf"\* welcome {re.escape(visit.name)}(\W.*)?$", first):
                raise self.welcomes_nobody(visit, first)
            if again := repeated(visit):
                raise self.told_twice(visit.name, again)
            if more:
                raise self.welcomes_everybody(visit, more)

    def welcomes_nobody(self, visit: Visit, first: str) -> Exception:
        """Return the mistake of a welcome that does not say who is welcome."""
        return self.served.mistake(
            "welcome-without-name",
            tr("{name} logged in, and was told: {first}", name=visit.name, first=first),
            advice=tr("the answer to a login is * welcome, a space, and the name that was accepted"),
            compared=(f"* welcome {visit.name}", first),
        )

    def welcomes_everybody(self, visit: Visit, more: list[str]) -> Exception:
        """Return the mistake of a server that welcomes one more than once."""
        return self.served.mistake(
            "welcomes-everybody",
            tr("{name} was online, and was told as well: {more}", name=visit.name, more=more[0]),
            advice=self.about_welcomes(visit, more[0]),
            compared=(tr("one welcome, to the newcomer"), tr("{count} welcomes", count=len(more) + 1)),
        )

    def about_welcomes(self, visit: Visit, welcome: str) -> str:
        """Return what helps who welcomes a client twice: for another's name, or for what it says later."""
        if any(text and text != visit.name and text in welcome for _, text in visit.lines):
            return tr("only the first line of a client is its name: keep who is logged in; any later line is a message")
        return tr("the welcome goes to the newcomer's own connection; the loop over the others sends the notice")

    @property
    def before_twin(self) -> float:
        """The moment up to which everybody who came had another name."""
        return self.visits["twin"].entered if "twin" in self.visits else float(self.evidence["end"])

    @property
    def online(self) -> list[Visit]:
        """Those who had come in the first scene, and were welcome."""
        return [visit for visit in self.visits.values() if visit.name in NAMES]

    def tells_once(self, until: float) -> None:
        """See nobody told the same of somebody twice, up to some moment: who has left may come again, in between."""
        for visit in self.online:
            for name in NAMES:
                told = [text for moment, text in visit.heard if is_notice(text, name) and moment < until]
                again = [text for text, following in itertools.pairwise(told) if text == following]
                if again:
                    raise self.told_twice(visit.name, again[0])

    def told_twice(self, name: str, notice: str) -> Exception:
        """Return the mistake of a server that says a line of its own twice to one."""
        return self.served.mistake(
            "told-twice",
            tr("{name} was told twice: {notice}", name=name, notice=notice),
            advice=tr("each line goes to a connection once: is it sent in two places, or is one in the list twice?"),
            compared=(tr("once"), tr("twice")),
        )

    def messages(self) -> None:
        """See each message heard by all others, once, and not by who said it."""
        if note := self.missed("messages"):
            advice = tr("a message goes to each connection in the list but the sender's: NAME : TEXT and a newline")
            raise self.unheard("no-message", note, advice)
        for visit in self.visits.values():
            texts = [text for _, text in visit.heard if " : " in text and not text.startswith("* ")]
            own = [text for text in texts if text.startswith(f"{visit.name} : ")]
            if own and visit.name != "twin":
                raise self.echoes(visit, own)
            if empty := [text for text in texts if text.endswith(" : ")]:
                raise self.says_nothing(visit.name, empty)
            if twice := [text for text in texts if texts.count(text) > 1]:
                raise self.says_twice(visit, texts, twice)
        self.is_told_of_others()

    def echoes(self, visit: Visit, own: list[str]) -> Exception:
        """Return the mistake of a server that sends a message back to who has said it."""
        return self.served.mistake(
            "echo",
            tr("{name} heard its own message: {own}", name=visit.name, own=own[0]),
            advice=tr("in the loop over all connections, leave the sender's out"),
            compared=(tr("everyone else hears it"), tr("the sender too")),
        )

    def says_twice(self, visit: Visit, texts: list[str], twice: list[str]) -> Exception:
        """Return the mistake of a server that sends a message twice to one."""
        return self.served.mistake(
            "twice",
            tr("{name} heard twice what was said once: {twice}", name=visit.name, twice=twice[0]),
            advice=tr(
                "each connection is to be in the list once, and each message sent in one place; does a "
                "child fork again?"
            ),
            compared=(tr("once"), tr("{count} times", count=texts.count(twice[0]))),
        )

    def says_nothing(self, name: str, empty: list[str]) -> Exception:
        """Return the mistake of a server that sends on what nobody has said: nobody here says an empty line."""
        return self.served.mistake(
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

    def is_told_of_others(self) -> None:
        """See nobody told of its own login; an echo has that as well."""
        until = self.before_twin
        for visit in self.visits.values():
            own = [text for moment, text in visit.heard if is_notice(text, visit.name) and moment < until]
            if own:
                raise self.tells_itself(visit, own)

    def tells_itself(self, visit: Visit, own: list[str]) -> Exception:
        """Return the mistake of a server that announces a newcomer to itself."""
        return self.served.mistake(
            "told-itself",
            tr("{name} was told of its own login: {own}", name=visit.name, own=own[0]),
            advice=tr("the newcomer has its * welcome: leave it out of the loop that tells the others"),
            compared=(tr("everyone else hears it"), tr("the newcomer too")),
        )

    def lines(self) -> None:
        """See lines kept apart, and put together."""
        note = self.missed("lines")
        if not note:
            return
        if note["what"].endswith(("first", "second")):
            advice = tr("two lines may come in one recv: cut what it brings at each newline")
            raise self.unheard("glued", note, advice)
        if note["what"].endswith(CUT):
            advice = tr(
                "a character may come in two parts as well: put the bytes together, cut them at the newline, and "
                "only then decode the line"
            )
            raise self.unheard("split-character", note, advice)
        advice = tr("one recv may bring half a line: keep what has no newline yet, until the rest comes")
        raise self.unheard("split", note, advice)

    def taken(self) -> None:
        """See the second of a name refused, and nobody told of it."""
        note = self.missed("taken")
        name, twin = NAMES[0], self.visits["twin"]
        heard = [text for _, text in twin.heard]
        answer = next((text for text in heard if is_answer(text)), "".join(heard[-1:]))
        if not answer and twin.dropped is None:
            self.served.seen.can_tell(1)
        others = [visit for visit in self.visits.values() if visit.name in NAMES]
        gone = [moment for visit in others for moment, kind, _ in visit.events if kind in ("leave", "dropped")]
        told = [text for visit in others for moment, text in visit.heard if twin.entered < moment < min(gone) and text]
        again = [text for text in told if text.startswith("* error") or not (" : " in text or text.startswith("* "))]
        if not answer.startswith("* error") or again:
            raise self.accepts_twice(answer, again, name)
        if not re.match(r"\* error: *\S", answer):
            raise self.gives_no_reason(answer, name)
        if repeat := repeated(twin):
            raise self.told_twice(twin.name, repeat)
        if note:
            advice = tr("who was refused takes nothing from who has the name")
            raise self.unheard("lost-the-first", note, advice)

    def accepts_twice(self, answer: str, again: list[str], name: str) -> Exception:
        """Return the mistake of a server that lets two have one name, or tells others of who was refused."""
        return self.served.mistake(
            "accepted-twice",
            tr(
                "{name} was online, and another asked for that name; it was told: {answer}; the others were "
                "told: {again}",
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

    def gives_no_reason(self, answer: str, name: str) -> Exception:
        """Return the mistake of a refusal without a reason."""
        return self.served.mistake(
            "no-reason",
            tr(
                "another asked for the name {name}, which was taken, and was told: {answer}",
                name=name,
                answer=answer,
            ),
            advice=tr("say why, behind the colon: * error: the name is taken"),
            compared=(tr("* error: and the reason"), answer),
        )

    def administrator(self) -> None:
        """See what was typed at the server's keyboard heard by all."""
        if note := self.missed("administrator"):
            advice = tr("the server's own standard input is one more thing to wait for: a line of it goes to everyone")
            if note["what"] != TYPED[0]:
                advice = tr("the keyboard stays in select, or in a loop of its own: line after line, not one")
            raise self.unheard("admin-once" if note["what"] != TYPED[0] else "no-admin", note, advice)

    def is_not_free(self, note: dict[str, Any]) -> Exception:
        """Return the mistake of a server that keeps the name of who is gone."""
        advice = tr(
            "who has left, or was killed, is not online any more: take the name out too, when the connection is closed"
        )
        return self.unheard("name-not-free", note, advice)

    def logout(self) -> None:
        """See who has left announced, and the name free."""
        note = self.missed("logout")
        if note and note["what"] != "logout":
            raise self.is_not_free(note)
        if note:
            advice = tr("recv returns b'' when a client has left: take it out of the list, and tell the others")
            raise self.unheard("no-logout", note, advice, f"{note['of']} {self.values['logout']}")
        self.tells_once(self.evidence["end"])

    def killed(self) -> None:
        """See who was killed announced, and the others served on."""
        note = self.missed("killed")
        if note and note["what"].startswith("* welcome"):
            raise self.is_not_free(note)
        if note:
            advice = tr(
                "a killed client says no goodbye: recv or send raises ConnectionResetError or BrokenPipeError, "
                "which means the same as b''"
            )
            what = note["what"] if note["what"] != "logout" else f"{note['of']} {self.values['logout']}"
            raise self.unheard("no-logout-of-killed", note, advice, what)

    def slow(self) -> None:
        """See that the others heard all while one did not read."""
        note, found = self.missed("slow"), self.evidence["flood"]
        if note:
            advice = tr("a newcomer is welcome as the first was")
            raise self.unheard("no-newcomer", note, advice)
        least = min(found["heard"].values())
        if least == FLOOD:
            return
        self.served.seen.can_tell(1)
        if least < ROOMY and not self.was_dropped(found["heard"]):
            raise self.is_slow(found, least)
        raise self.waits_for_the_slow(least, found)

    def waits_for_the_slow(self, least: int, found: dict[str, Any]) -> Exception:
        """Return the mistake of a server that waits for who does not read."""
        return self.served.mistake(
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

    def was_dropped(self, names: Iterable[str]) -> bool:
        """Tell whether one of these was hung up on."""
        return any(self.visits[name].dropped is not None for name in names)

    def is_slow(self, found: dict[str, Any], least: int) -> Exception:
        """Return the mistake of a server that is slow before any client's socket can be full."""
        return self.served.mistake(
            "slow-itself",
            tr(
                "{who} said {said} lines, and others heard {least} in {seconds:.1f} s",
                who=found["of"],
                said=found["said"],
                least=least,
                seconds=found["seconds"],
            ),
            advice=tr(
                "so few lines fill no socket: what does your server wait for with each line? a sleep, or a lock?"
            ),
            compared=(tr("{flood} lines", flood=FLOOD), tr_count(least, "{n} line", "{n} lines")),
        )

    def zombies(self) -> None:
        """See nobody a zombie for longer than a moment."""
        seen = self.served.seen
        time = [Span(0.0, self.evidence["buried"], 0)]
        found = [(seen.in_state(history, "Z", time), history) for history in seen.others]
        seconds, history = max(found, key=lambda pair: pair[0], default=(0.0, seen.root))
        if seen.at_most(seconds, BURIAL):
            return
        stayed = [longer for longer, _ in found if longer > BURIAL]
        raise leaves_zombies(seen, stayed, seconds, history)

    def blank(self) -> Exception:
        """Return the mistake of a server that sends a line with nothing in it."""
        return self.served.mistake(
            "blank-line",
            tr("your server sent an empty line"),
            advice=tr(
                "a line that was read or received has its newline already: take it off (rstrip) before you add yours"
            ),
            compared=(tr("no empty line"), tr("an empty line")),
        )

    def has_values(self) -> None:
        """Compare the words with those of this seat."""
        values = self.values
        wanted = {f"{name} {values[which]}" for name in [*NAMES, "sleeper"] for which in ("login", "logout")}
        wanted |= {f"{values['admin']} : {text}" for text in TYPED}
        heard = [text for visit in self.visits.values() for _, text in visit.heard]
        names = tuple(f"{name} : " for name in [*NAMES, "sleeper"])
        strange = [text for text in heard if text not in wanted and not text.startswith(("* ", *names))]
        if not strange:
            return
        if not strange[0]:
            raise self.blank()
        words = f"NAME {values['login']}, NAME {values['logout']}, {values['admin']} : TEXT"
        sentence = tr("a line is: {strange}", strange=strange[0])
        others = WORDS - {values["login"], values["logout"]}
        if strange[0].partition(" ")[2] in others or ADMINISTRATOR.match(strange[0]):
            raise self.served.other_values(sentence, values, compared=(words, strange[0]))
        raise self.other_words(strange, words, sentence)

    def other_words(self, strange: list[str], words: str, sentence: str) -> Exception:
        """Return the mistake of a line that is no seat's."""
        return self.served.mistake(
            "other-words",
            sentence,
            advice=tr("beside messages and what begins with * there are these lines only: {words}", words=words),
            compared=(words, strange[0]),
        )


def leaves_zombies(seen: Seen, stayed: list[float], seconds: float, history: History) -> Mistake:
    """Return the mistake of a server that does not wait for its children in time."""
    return seen.mistake(
        "zombies",
        tr(
            "your child {pid} stayed a zombie for {seconds:.1f} s after it ended; {count} in all were never "
            "waited for, or too late",
            pid=history.pid,
            seconds=seconds,
            count=len(stayed),
        ),
        advice=tr(
            "wait for each child when SIGCHLD comes, os.waitpid(-1, os.WNOHANG) until none is left; or ignore it"
        ),
        compared=(tr("no zombie"), tr_count(len(stayed), "{n} zombie", "{n} zombies")),
    )
