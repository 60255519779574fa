"""How fast a seat may speak: what comes faster waits in order and is not lost, and nobody else waits for it."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.chat.pace import BURST, Pace
from tests.chat_room import ChatServer, Peer, served
from tests.eventually import eventually

TOLD = "* your seat may say 20 lines at once, then 20 a second; the rest wait their turn"
RATE = 20
# To the room, whoever runs the tests is a seat; one who has left is heard out for a shorter time.
AS_A_SEAT = """\
import os, sys
from lab.chat import room, server
room.SEAT_UIDS = range(os.getuid(), os.getuid() + 1)
room.HEAR_OUT_SECONDS = 1.0
sys.exit(server.main(sys.argv[4:]))
"""


@contextmanager
def paced(path: Path, *options: str) -> Iterator[ChatServer]:
    with served(path, *(options or ("--rate", str(RATE))), prefix=[sys.executable, "-c", AS_A_SEAT]) as server:
        yield server


def two(server: ChatServer) -> tuple[Peer, Peer]:
    speaker, listener = server.connect("speaker"), server.connect("listener")
    assert speaker.line() == "listener login"
    return speaker, listener


@given(st.lists(st.floats(0, 3), max_size=100), st.floats(0.5, 50))
def test_no_while_has_more_lines_than_a_burst_and_its_rate(pauses: list[float], rate: float) -> None:
    pace, now, said = Pace(rate), 1000.0, list[float]()
    for pause in pauses:
        now += pause
        waits = pace.ready_at > now
        assert pace.take(now) != waits
        said += [] if waits else [now]
        assert len([at for at in said if at > now - 1]) <= BURST + rate + 1
        if len(said) < BURST:
            assert not waits, "a burst is never told to wait"


def test_a_burst_has_a_number_of_its_own_and_there_is_a_new_one_after_a_rest() -> None:
    pace = Pace(5.0)
    assert [pace.take(10.0) for _ in range(BURST + 1)] == [True] * BURST + [False]
    assert pace.ready_at == pytest.approx(10.2)
    assert pace.take(10.25)
    assert pace.burst == 1
    assert pace.take(10.0 + 30)
    assert pace.burst == 2


def test_what_is_said_too_fast_is_told_once_and_comes_later_in_order(tmp_path: Path) -> None:
    with paced(tmp_path / "s") as server:
        speaker, listener = two(server)
        start = time.monotonic()
        speaker.say("/ack", *map(str, range(40)), "/who", "end")
        assert listener.lines_to("speaker : end") == [f"speaker : {number}" for number in range(40)]
        assert time.monotonic() - start > (41 - BURST) / RATE
        answers = speaker.lines_to("* accepted 42")
        assert [line for line in answers if not line.startswith("* accepted")] == [TOLD, "* online: speaker, listener"]
        assert [line for line in answers if line.startswith("* accepted")] == [f"* accepted {n}" for n in range(42)]


def test_connections_of_one_seat_share_its_pace_and_take_turns(tmp_path: Path) -> None:
    with paced(tmp_path / "s") as server:
        speaker, listener = two(server)
        other = server.connect("other")
        assert speaker.line() == listener.line() == "other login"
        start = time.monotonic()
        for peer in (speaker, other):
            peer.say(*map(str, range(BURST)))
        heard = [listener.line() for _ in range(2 * BURST)]
        assert time.monotonic() - start > BURST / RATE
        for name in ("speaker", "other"):
            assert [line for line in heard if line.startswith(name)] == [f"{name} : {at}" for at in range(BURST)]


def test_nobody_is_held_who_is_no_seat_or_where_there_is_no_rate(tmp_path: Path, chat_server: ChatServer) -> None:
    with paced(tmp_path / "s", "--rate", "0") as without:
        for server in (without, chat_server):
            speaker, listener = two(server)
            speaker.say(*["hello"] * 10_000, "end")
            assert listener.lines_to("speaker : end") == ["speaker : hello"] * 10_000
            speaker.say("/who")
            assert speaker.line() == "* online: speaker, listener"


def flood(peer: Peer) -> int:
    """Say as much as is taken; return how many bytes that was."""
    said = 0
    while True:
        try:
            said += peer.socket.send(b"again and again\n" * 100)
        except BlockingIOError:
            return said


def test_one_who_floods_is_the_only_one_to_wait(tmp_path: Path) -> None:
    with paced(tmp_path / "s", "--rate", "2") as server:
        speaker, listener = two(server)
        eventually(lambda: not flood(speaker), every=0.1)  # the worker does not read, and the kernel takes no more
        assert server.administer("who").stdout == "* online: speaker, listener\n"
        for _ in range(50):
            listener.say("/who")
            while not listener.line().startswith("* online: "):
                pass

        def sleeps_between_turns() -> bool:
            before = server.cpu_ticks()
            time.sleep(1)  # a while in which two lines are said
            return server.cpu_ticks() - before < 10

        eventually(sleeps_between_turns)
        assert server.administer("kick", "speaker").returncode == 0
        assert "* removed: by the administrator" in speaker.rest()
        while listener.line() != "speaker logout":
            pass
        eventually(lambda: len(server.workers()) == 1)


def test_one_who_leaves_is_heard_out(tmp_path: Path) -> None:
    with paced(tmp_path / "s") as server:
        speaker, listener = two(server)
        speaker.say(*map(str, range(BURST + 10)))
        speaker.close()
        assert listener.lines_to("speaker logout") == [f"speaker : {number}" for number in range(BURST + 10)]


@pytest.mark.parametrize("ends", ["client", "worker"])
def test_one_who_leaves_is_not_heard_out_for_ever(tmp_path: Path, ends: str) -> None:
    with paced(tmp_path / "s", "--rate", "5", "--transcript", str(tmp_path / "t")) as server:
        speaker, listener = two(server)
        worker = server.worker_of("speaker").pid
        flood(speaker)
        assert speaker.line().startswith("* your seat may say 20 lines at once, then 5 a second")
        if ends == "client":
            speaker.close()
        else:
            os.kill(worker, signal.SIGKILL)
        heard = listener.lines_to("speaker logout")
        assert set(heard) == {"speaker : again and again"}
        assert len(heard) >= BURST
        eventually(lambda: len(server.workers()) == 1)
        [line] = [line for line in (tmp_path / "t").read_text().splitlines() if '"unheard"' in line]
        assert '"name": "speaker", "text": "left while its last lines waited for their turn"' in line


def test_a_stop_does_not_wait_for_those_who_flood(tmp_path: Path) -> None:
    with paced(tmp_path / "s") as server:
        speaker, listener = two(server)
        flood(speaker)
        assert listener.line() == "speaker : again and again"
        start = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - start < 5
        assert speaker.rest()[-1] == listener.rest()[-1] == "* server is shutting down"
