"""Exercise 23: a group chat server, driven by many clients: who comes, speaks, leaves, is killed, does not read."""

from checks.exercises.chat_room import rules, scenes
from checks.exercises.chat_room.party import Party
from checks.exercises.chat_room.room import Room, Typed
from checks.exercises.chat_room.words import SLUG, SOCKET
from checks.judging.result import Check, Result, in_turn
from checks.judging.seat import Evidence, Seat
from checks.judging.serving import occupied, service
from lab.language import tr
from lab.student.seed import Values


def observe(seat: Seat, values: Values) -> Evidence:
    """Be everybody in the room, and the administrator at the server's keyboard."""
    if found := occupied(seat, SLUG, SOCKET):
        return found
    with service(seat, SLUG, SOCKET, seconds=60, keyboard=True) as served:
        party = Party(served.crowd, served.running)
        for scene in scenes.IN_ORDER:
            party.scenes.append(scene.__name__)
            if not scene(party, int(values["clients"])):
                break
        over = scenes.empty(party)
        if party.crowd.guests:  # a child may have waited for the keyboard
            party.running.stop_typing()
            scenes.bury(party)
    found = {"scenes": party.scenes, "expected": party.expected, "flood": party.flood}
    return served.evidence | found | over | {"buried": served.evidence["end"]}


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say which rule of the room was kept."""
    room = Room(Typed(evidence, SOCKET), values)
    return in_turn(
        *room.served.checks,
        Check("login", tr("who logs in is welcome, and the others are told"), lambda: rules.are_welcome(room)),
        Check("messages", tr("a message goes to everyone else"), lambda: rules.reach_everyone(room)),
        Check("lines", tr("a message is a line, in however many pieces"), lambda: rules.are_lines(room)),
        Check("names", tr("so is a name"), lambda: rules.are_names(room)),
        Check("silent", tr("who says nothing yet stops nobody"), lambda: rules.waits_for_no_name(room)),
        Check("taken", tr("a name is taken once"), lambda: rules.is_taken_once(room)),
        Check("admin", tr("the administrator speaks to everyone"), lambda: rules.hear_the_administrator(room)),
        Check("logout", tr("who leaves is announced"), lambda: rules.is_announced(room)),
        Check("killed", tr("so is who is killed"), lambda: rules.is_announced_if_killed(room)),
        Check("slow", tr("who does not read stops nobody"), lambda: rules.stops_nobody(room)),
        Check("zombies", tr("no zombie stays"), lambda: rules.leaves_no_zombie(room)),
        Check("values", tr("the words are those of this seat"), lambda: rules.has_values(room)),
    )
