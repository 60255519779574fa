"""What one look of the door finds at once, in every order: it lives, and touches nobody else's session."""

import itertools
import os
import resource
import select
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from lab import proc
from lab.door import door as door_module
from lab.door import parcel
from tests.apart import apart, descriptors, no_child_is_left
from tests.chat_room import STRANGER
from tests.eventually import PATIENCE, eventually
from tests.test_door import Door, a_door  # noqa: F401 (a fixture)


class Ordered:
    """A real poll, whose findings are dealt with in an order of ours; what that does not name comes last."""

    def __init__(self, poll: select.poll, order: Sequence[int]) -> None:
        self._poll = poll
        self._order = order
        self.register, self.modify, self.unregister = poll.register, poll.modify, poll.unregister

    def poll(self, timeout: float | None = None) -> list[tuple[int, int]]:
        found = dict(self._poll.poll(timeout))
        first = [(descriptor, found.pop(descriptor)) for descriptor in self._order if descriptor in found]
        return first + list(found.items())


class Within:
    """The door's loop in this very process, a look at a time, and callers of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.door = door_module.Door(door_module.listen(str(path)))

    def come(self) -> socket.socket:
        caller = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        caller.connect(str(self.path))
        caller.setblocking(False)
        return caller

    def ask(self, caller: socket.socket, command: str) -> None:
        with Path(os.devnull).open("r+b") as nothing:
            parcel.send(caller, {"command": command}, [nothing.fileno()] * 3)

    def session(self, command: str) -> tuple[socket.socket, int]:
        """Return a caller and the PID of the session that has become what was asked for."""
        before = children()
        caller = self.come()
        self.ask(caller, command)
        self.look_until(lambda: children() - before)
        (pid,) = children() - before
        eventually(lambda: (found := proc.read(pid)) and (found.comm, found.state) == ("sleep", "S"))
        return caller, pid

    def look_until(self, condition: Callable[[], object]) -> None:
        while not condition():
            self.door.look()

    def answer(self, caller: socket.socket) -> str:
        """Look on until the caller is told how it ended."""
        said: list[str] = []

        def told() -> bool:
            with suppress(BlockingIOError):
                said.append(parcel.receive(caller)[0].get("status", "nothing"))
            return bool(said)

        self.look_until(told)
        return said[0]


def children() -> set[int]:
    return set(map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()))


def state_of(pid: int) -> str:
    found = proc.read_stat(pid)
    return found.state if found else ""


EVENTS = ("somebody comes", "sessions end", "whose session ends is gone", "somebody is gone", "somebody asks")


def orders(path: Path, names: Sequence[Sequence[str]]) -> None:
    """Make all of EVENTS ready before one look, which takes them in the order named; and then in the next."""
    here = Within(path)
    nobody = descriptors()
    kept, innocent = here.session("exec sleep 1001")
    before = descriptors()
    for order in names:
        with_all_at_once(here, order)
        assert state_of(innocent) == "S", order
        with pytest.raises(BlockingIOError):
            kept.recv(1)
        assert (children(), descriptors()) == ({innocent}, before), order
    os.kill(innocent, signal.SIGTERM)
    assert here.answer(kept) == "143"
    kept.close()
    no_child_is_left()
    assert (here.door._callers, here.door._sessions, descriptors()) == ({}, {}, nobody)


def with_all_at_once(here: Within, order: Sequence[str]) -> None:
    ends, ended = here.session("exec sleep 1000")
    goes, hung_up = here.session("exec sleep 1002")
    asks = here.come()
    here.door.look()
    numbers = dict(zip(EVENTS, ready_of(here.door), strict=True))

    comes = here.come()
    here.ask(asks, "exit 4")
    os.kill(ended, signal.SIGKILL)
    eventually(lambda: state_of(ended) == "Z")
    ends.close()
    goes.close()
    fillers = no_number_is_free_below(max(numbers.values()))
    poll = here.door._poll
    assert {number for number, _ in poll.poll(0)} == set(numbers.values())

    here.door._poll = Ordered(poll, [numbers[name] for name in order])  # type: ignore[assignment]
    here.door.look()
    for filler in fillers:
        os.close(filler)
    here.ask(comes, "exit 3")
    assert here.answer(asks) == "4", order
    assert here.answer(comes) == "3", order
    here.look_until(lambda: hung_up not in children())
    here.door._poll = poll
    for caller in (asks, comes):
        caller.close()


def no_number_is_free_below(most: int) -> list[int]:
    """Return new descriptors, now that the next to be opened gets the number of one that the door closes."""
    found = [os.dup(0)]
    while found[-1] < most:
        found.append(os.dup(0))
    os.close(found.pop())
    return found


def ready_of(door: door_module.Door) -> Iterator[int]:
    """Yield the descriptors of the listener, of the children, and of all callers but the first, in their order."""
    _, ends, goes, asks = door._callers
    yield from (door._listener.fileno(), door._children, ends, goes, asks)


ORDERS = list(itertools.permutations(EVENTS))


@pytest.mark.parametrize("part", range(4))
def test_all_that_one_look_can_find_in_every_order(part: int, tmp_path: Path) -> None:
    apart(lambda: orders(tmp_path / "door.sock", ORDERS[part::4]))


def test_who_says_nothing_is_shown_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_module, "PATIENCE", 0.05)
    apart(lambda: silent_callers(tmp_path / "door.sock"))


def silent_callers(path: Path) -> None:
    """They leave by themselves or are shown out, in the order in which they came; who has a session stays."""
    here = Within(path)
    nobody = descriptors()
    kept, pid = here.session("exec sleep 1000")
    silent = [here.come() for _ in range(3)]
    silent[1].close()
    here.look_until(lambda: is_over(silent[0]) and is_over(silent[2]))
    assert len(here.door._callers) == 1
    os.kill(pid, signal.SIGTERM)
    assert here.answer(kept) == "143"
    for caller in (kept, *silent):
        caller.close()
    assert descriptors() == nobody


def is_over(caller: socket.socket) -> bool:
    try:
        return caller.recv(1) == b""
    except BlockingIOError:
        return False


def test_a_door_without_a_descriptor_left_lets_the_next_one_in(tmp_path: Path) -> None:
    apart(lambda: too_many_callers(tmp_path / "door.sock"))


def too_many_callers(path: Path) -> None:
    """Who has said nothing for the longest time makes room; nobody is turned away unheard, and the door lives."""
    door_module.SPARE_DESCRIPTORS += len(descriptors())  # what the tests have open, a door has not
    resource.setrlimit(resource.RLIMIT_NOFILE, (door_module.SPARE_DESCRIPTORS + 6, 4096))
    here = Within(path)
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))  # of this process, which is the callers' too
    kept, pid = here.session("exec sleep 1000")
    silent = [here.come() for _ in range(20)]
    asks = here.come()
    here.ask(asks, "exit 3")
    assert here.answer(asks) == "3"
    assert silent[0].recv(1) == b""
    assert len(here.door._callers) <= 6
    os.kill(pid, signal.SIGTERM)
    assert here.answer(kept) == "143"


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone has children of other users")
def test_a_session_that_runs_as_another_user_cannot_be_hung_up_and_does_no_harm() -> None:
    with subprocess.Popen(["sleep", "1000"], start_new_session=True) as other:
        try:
            apart(lambda: hang_up_as_a_stranger(other.pid))
            assert other.poll() is None
        finally:
            other.kill()


def hang_up_as_a_stranger(pid: int) -> None:
    os.setuid(STRANGER)
    door_module.hang_up(pid)


def test_who_hangs_up_in_the_moment_in_which_the_session_ends(door: Door) -> None:
    """While the door is stopped the session ends and the caller goes: its next look finds both."""
    other = door.popen("read line; exit 5")
    (innocent,) = eventually(lambda: door.children)
    process = door.popen("read line")
    eventually(lambda: len(door.children) == 2)
    (mine,) = {child.pid for child in door.children} - {innocent.pid}
    os.kill(door.process.pid, signal.SIGSTOP)
    eventually(lambda: state_of(door.process.pid) == "T")
    os.kill(mine, signal.SIGKILL)
    eventually(lambda: state_of(mine) == "Z")
    process.kill()
    process.communicate(timeout=PATIENCE)
    os.kill(door.process.pid, signal.SIGCONT)
    assert eventually(lambda: [child.pid for child in door.children] == [innocent.pid])
    assert other.communicate(b"\n", timeout=PATIENCE)[0] == b""
    assert other.returncode == 5
