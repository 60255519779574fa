"""Exercise 23: a group chat server, driven by many clients: who comes, speaks, leaves, is killed, does not read."""

import itertools
import re
import select
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from checks.exercises.chat_room.party import Party
from checks.exercises.chat_room.room import Room
from checks.exercises.chat_room.rules import (
    are_lines,
    are_welcome,
    has_values,
    hear_the_administrator,
    is_announced,
    is_announced_if_killed,
    is_taken_once,
    leaves_no_zombie,
    reach_everyone,
    stops_nobody,
)
from checks.exercises.chat_room.scenes import (
    administrator,
    bury,
    empty,
    flood,
    killed,
    lines,
    logins,
    logout,
    messages,
    slow,
    taken,
)
from checks.exercises.chat_room.words import SLUG, SOCKET
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


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say which rule of the room was kept."""
    room = Room(Served(evidence, SOCKET), values)
    rules: list[tuple[str, str, Callable[[], None]]] = [
        ("login", tr("who logs in is welcome, and the others are told"), lambda: are_welcome(room)),
        ("messages", tr("a message goes to everyone else"), lambda: reach_everyone(room)),
        ("lines", tr("a message is a line, in however many pieces"), lambda: are_lines(room)),
        ("taken", tr("a name is taken once"), lambda: is_taken_once(room)),
        ("admin", tr("the administrator speaks to everyone"), lambda: hear_the_administrator(room)),
        ("logout", tr("who leaves is announced"), lambda: is_announced(room)),
        ("killed", tr("so is who is killed"), lambda: is_announced_if_killed(room)),
        ("slow", tr("who does not read stops nobody"), lambda: stops_nobody(room)),
        ("zombies", tr("no zombie stays"), lambda: leaves_no_zombie(room)),
        ("values", tr("the words are those of this seat"), lambda: has_values(room)),
    ]
    before = ["lives", *(name for name, _, _ in rules)]
    chain = (Check(name, text, test, after) for (name, text, test), after in zip(rules, before, strict=False))
    return results(*room.served.checks, *chain)
