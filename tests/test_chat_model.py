"""The room beside a model of it: any bytes in any cuts, by several at once, with kills and stops between.

The model knows what each has said; the room must have told everybody else just that: whole lines, in one order, each
speaker's in the order in which they were said, and nothing that drives a terminal.
"""

import os
import signal
import tempfile
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lab.chat.protocol import CONTROL, MAX_LINE, LineParser, clean
from tests.chat_room import ChatServer, Peer
from tests.eventually import eventually

MOST = 4  # who are online at once
LINES = st.lists(
    st.binary(max_size=12)
    | st.sampled_from(
        [b"/who", b"/help", b"/ack", b"//x", b"/x", "你好\u2028".encode(), b"\x1b[2J", b"\xff", b"x" * (MAX_LINE + 1)]
    ),
    max_size=6,
).map(b"\n".join)
WHICH = st.integers(0, MOST - 1)


class Member:
    """One who is online, what it has said so far, and what it has heard."""

    def __init__(self, name: str, peer: Peer, worker: int) -> None:
        self.name = name
        self.peer = peer
        self.worker = worker
        self.parser = LineParser()
        self.said: list[str] = []  # as others must hear it
        self.heard: list[str] = []
        self.is_stopped = False

    def say(self, data: bytes) -> None:
        """Send the bytes, and note what they make the others hear."""
        self.peer.send(data)
        for line in self.parser.feed(data):
            if isinstance(line, str) and (text := spoken(clean(line))):
                self.said.append(f"{self.name} : {text}")


def spoken(text: str) -> str | None:
    """Return what others hear of a line; None of a command, and of nothing."""
    if not text.strip() or (text.startswith("/") and not text.startswith("//")):
        return None
    return text[1:] if text.startswith("//") else text


class RoomMachine(RuleBasedStateMachine):
    """Whoever comes has a number of its own; `witness` hears all from the first to the last."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.server = ChatServer(Path(self.folder.name, "s"))
        self.members: list[Member] = []
        self.gone: list[Member] = []
        self.count = 0

    @initialize()
    def open_the_room(self) -> None:
        self.witness = self.server.connect("witness")
        self.heard: list[str] = []

    @precondition(lambda self: len(self.members) < MOST)
    @rule()
    def come(self) -> None:
        name = f"member{self.count}"
        self.count += 1
        peer = self.server.connect(name)
        self.members.append(Member(name, peer, self.server.worker_of(name).pid))

    @precondition(lambda self: self.members)
    @rule(which=WHICH, data=LINES, cuts=st.lists(st.integers(0, 60), max_size=3))
    def say(self, which: int, data: bytes, cuts: list[int]) -> None:
        member = self.members[which % len(self.members)]
        places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
        for start, end in pairwise(places):
            member.say(data[start:end])

    @precondition(lambda self: self.members)
    @rule(which=WHICH)
    def stop_or_go_on(self, which: int) -> None:
        member = self.members[which % len(self.members)]
        member.is_stopped = not member.is_stopped
        os.kill(member.worker, signal.SIGSTOP if member.is_stopped else signal.SIGCONT)

    @precondition(lambda self: self.members)
    @rule(which=WHICH, how=st.sampled_from(["quit", "close", "kill", "kick"]))
    def go(self, which: int, how: str) -> None:
        member = self.members.pop(which % len(self.members))
        if how in ("quit", "close"):
            if member.is_stopped:
                os.kill(member.worker, signal.SIGCONT)
            member.say(b"\n/quit\n" if how == "quit" else b"")
            if how == "close":
                member.peer.end_writing()
            member.heard += member.peer.rest()
        elif how == "kill":
            os.kill(member.worker, signal.SIGKILL)
            member.heard += member.peer.rest()
        else:
            assert self.server.administer("kick", member.name).returncode == 0
            member.heard += member.peer.rest()
        self.gone.append(member)
        self.hear_up_to(f"{member.name} logout")

    @precondition(lambda self: self.members)
    @rule(which=WHICH)
    def be_heard(self, which: int) -> None:
        """Nobody who goes on is waited for in vain: all that was said until now comes to the witness."""
        member = self.members[which % len(self.members)]
        if member.is_stopped:
            self.stop_or_go_on(self.members.index(member))
        member.say(b"\nmark\n")
        self.hear_up_to(f"{member.name} : mark")

    def hear_up_to(self, last: str) -> None:
        self.heard += [*self.witness.lines_to(last), last]

    @invariant()
    def there_is_one_order_and_no_line_but_those_said(self) -> None:
        with suppress(AttributeError):
            for line in self.heard:
                assert not CONTROL.search(line), line
            for member in [*self.gone, *self.members]:
                mine = [line for line in self.heard if line.startswith(f"{member.name} : ")]
                assert mine == member.said[: len(mine)], member.name

    def teardown(self) -> None:
        try:
            for member in self.members:
                if member.is_stopped:
                    os.kill(member.worker, signal.SIGCONT)
            for member in self.members:
                member.say(b"\nmark\n")
                last = f"{member.name} : mark"
                if last not in self.heard[-1:]:
                    self.hear_up_to(last)
            self.server.administer("say", "end")
            self.hear_up_to("admin : end")
            for member in self.members:
                member.heard += member.peer.lines_to("admin : end")
            self.there_is_one_order_and_no_line_but_those_said()
            self.all_heard_what_the_witness_heard()
            assert self.server.process.poll() is None
            eventually(lambda: len(self.server.children()) == 1 + len(self.members))
        finally:
            self.server.close()
            self.folder.cleanup()

    def all_heard_what_the_witness_heard(self) -> None:
        """From the login to the end, without its own; one who was kicked or killed may lack the last lines."""
        for member in [*self.members, *self.gone]:
            told = [line for line in member.heard if not line.startswith("* ")]
            since = self.heard[self.heard.index(f"{member.name} login") + 1 :]
            others = [line for line in since if not line.startswith((f"{member.name} : ", f"{member.name} logout"))]
            assert told == others[: len(told)], member.name
            if member in self.members:
                assert told == [line for line in others if line != "admin : end"]


def test_the_room_does_what_the_model_says() -> None:
    run_state_machine_as_test(RoomMachine, settings=settings(max_examples=12, stateful_step_count=25, deadline=None))
