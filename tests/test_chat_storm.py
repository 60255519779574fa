"""The chat while everything goes wrong at once: kills, stops, readers of a byte, no memory, a clock that jumps."""

import os
import random
import resource
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from lab import proc
from tests.chat_room import ChatServer, Peer, served
from tests.eventually import PATIENCE, eventually
from tests.test_chat_faults import check_order, crowd, drain, is_ready, messages

SEED = 20260301
ROUNDS = 150
SPEAKERS = [f"speaker{number}" for number in range(6)]


def say_what_fits(peer: Peer, waiting: bytes) -> bytes:
    """Send as much as is taken without waiting; return the rest: its worker may be stopped, or dead."""
    try:
        return waiting[peer.socket.send(waiting) :]
    except BlockingIOError:
        return waiting
    except (BrokenPipeError, ConnectionResetError):
        return b""


def signal_some(server: ChatServer, draw: random.Random, stopped: list[int]) -> None:
    """Kill, stop or let go on the worker of one who speaks, or who has not logged in."""
    workers = [worker.pid for worker in server.workers() if worker.cmdline[1:] and "witness" not in worker.cmdline[1]]
    number = draw.choice([signal.SIGSTOP] * 6 + [signal.SIGCONT] * 6 + [signal.SIGKILL])
    pid = draw.choice(stopped if number == signal.SIGCONT and stopped else workers)
    with suppress(ProcessLookupError):
        os.kill(pid, number)
    if number == signal.SIGSTOP:
        stopped.append(pid)


def test_kills_and_stops_in_a_storm_tear_no_line_and_keep_one_order(chat_server: ChatServer) -> None:
    draw, stopped, loose = random.Random(SEED), list[int](), list[Peer]()
    witnesses = [chat_server.connect(f"witness{number}") for number in range(3)]
    descriptors = chat_server.descriptors()
    with crowd(chat_server, "killed", 10) as killed, crowd(chat_server, "stopped", 10) as frozen:
        assert is_ready(killed)
        assert is_ready(frozen)
        speakers = {name: chat_server.connect(name) for name in SPEAKERS}
        byte_by_byte = chat_server.connect("slow")
        waiting = dict.fromkeys(SPEAKERS, b"")
        for turn in range(ROUNDS):
            for name, peer in speakers.items():
                waiting[name] += b"".join(b"%d\n" % number for number in range(turn * 20, turn * 20 + 20))
                waiting[name] = say_what_fits(peer, waiting[name])
            drain([*witnesses, *speakers.values()])
            with suppress(BlockingIOError, ConnectionResetError):
                byte_by_byte.unread += byte_by_byte.socket.recv(1)
            if turn % 3 == 0:
                signal_some(chat_server, draw, stopped)
            if turn % 10 == 0:
                loose.append(chat_server.connect())
                loose[-1].send(draw.choice([b"", b"half a na", b"\xff\n", b"guest\nhello\n"]))
                loose[draw.randrange(len(loose))].close()
            if turn == ROUNDS // 3:
                killed.kill()
                frozen.send_signal(signal.SIGSTOP)
        for pid in stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        finish(chat_server, speakers, waiting, witnesses)
        frozen.kill()
    for peer in [*loose, *speakers.values(), byte_by_byte]:
        peer.close()
    heard = all_of_one_order(witnesses)
    for numbers in check_order([line for line in heard if line.startswith("speaker")], SPEAKERS).values():
        assert not numbers or numbers[0] == 0, "from its first line to its last, or to its worker's death"
    assert sum(map(len, check_order([line for line in heard if line.startswith("speaker")], SPEAKERS).values())) > 1000
    eventually(lambda: len(chat_server.workers()) == len(chat_server.children()) == len(witnesses))
    eventually(lambda: chat_server.descriptors() == descriptors)
    assert chat_server.administer("who").stdout == "* online: witness0, witness1, witness2\n"


def finish(server: ChatServer, speakers: dict[str, Peer], waiting: dict[str, bytes], witnesses: Sequence[Peer]) -> None:
    """Let all say the rest and leave, and all be heard."""

    def has_ended() -> bool:
        drain([*witnesses, *speakers.values()])
        for name, peer in speakers.items():
            if waiting[name]:
                waiting[name] = say_what_fits(peer, waiting[name])
            if not waiting[name]:
                with suppress(OSError):
                    peer.end_writing()
        return all(peer.has_ended for peer in speakers.values())

    eventually(has_ended)
    server.administer("say", "the end")


def all_of_one_order(witnesses: Sequence[Peer]) -> list[str]:
    """Return the messages that all have heard, each line whole."""
    heard = [messages(witness.lines_to("admin : the end")) for witness in witnesses]
    assert heard[0] == heard[1] == heard[2]
    for line in heard[0]:
        name, _, text = line.partition(" : ")
        assert text.isdigit() if name in SPEAKERS else (name, text) == ("guest", "hello"), line
    return heard[0]


def test_one_who_reads_a_byte_at_a_time_gets_whole_lines_and_nobody_waits(chat_server: ChatServer) -> None:
    speaker, listener, slow = chat_server.crowd(3)
    assert speaker.unread == b""
    start = time.monotonic()
    speaker.say("/ack", *map(str, range(300)))
    assert listener.lines_to("p0 : 299") == [f"p0 : {number}" for number in range(299)]
    speaker.lines_to("* accepted 300")
    assert time.monotonic() - start < PATIENCE / 2
    got = b""
    while not got.endswith(b"p0 : 299\n"):
        got += slow.socket.recv(1)
    assert got == b"".join(b"p0 : %d\n" % number for number in range(300))


def size(pid: int) -> int:
    """Return how much memory a process may address, in bytes: what RLIMIT_AS limits."""
    return int(proc.status_field(Path(f"/proc/{pid}/status").read_text(), "VmSize").split()[0]) << 10


def test_without_memory_the_slowest_go_and_the_others_hear_every_line(tmp_path: Path) -> None:
    with served(tmp_path / "s"):
        pass  # all is compiled now: whoever compiles has memory left over
    with served(tmp_path / "s") as server:
        speaker, listener = server.crowd(2)
        stuck = [server.connect(f"stuck{number}") for number in range(5)]
        for peer in (speaker, listener):
            peer.lines_to("stuck4 login")
        most = size(server.pid) + (1 << 18)  # a quarter of what one who does not read is given otherwise
        resource.prlimit(server.pid, resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))
        for number in range(280):
            speaker.say(f"{number} {'x' * 4000}")
            between = listener.lines_to(f"p0 : {number} {'x' * 4000}")
            assert all(line.startswith("stuck") and line.endswith(" logout") for line in between)
        assert server.process.poll() is None
        newcomers = [Peer(server.path) for _ in range(60)]
        for number, peer in enumerate(newcomers):
            drain([speaker, listener])
            with suppress(AssertionError, BrokenPipeError, ConnectionResetError):  # closed, and has been told why
                peer.say(f"new{number}")
                peer.line()
            assert not peer.unread
        resource.prlimit(server.pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        for peer in [*stuck, *newcomers]:
            peer.close()
        eventually(lambda: len(server.workers()) == 2)
        assert server.is_serving()
        assert server.stop() == 0
        assert server.process.stderr
        assert "memory is short; who reads slowest is disconnected\n" in server.process.stderr.read()


# The clock on the wall is a day ahead or behind each time that somebody looks; the monotonic one is the kernel's.
JUMPS = """\
import itertools, sys, time
from lab.chat import server
real, days = time.time_ns, itertools.cycle([0, 86400, -86400])
time.time_ns = lambda: real() + next(days) * 10**9
time.time = lambda: time.time_ns() / 1e9
sys.exit(server.main(sys.argv[4:]))
"""


def test_a_clock_that_is_set_back_and_forward_moves_no_deadline(tmp_path: Path) -> None:
    options = ("--login-seconds", "2", "--transcript", str(tmp_path / "t"))
    with served(tmp_path / "s", *options, prefix=[sys.executable, "-c", JUMPS]) as server:
        start = time.monotonic()
        speaker, listener = server.connect("speaker"), server.connect("listener")
        silent = server.connect()
        speaker.say(*map(str, range(100)))
        assert [listener.line() for _ in range(100)] == [f"speaker : {number}" for number in range(100)]
        assert silent.rest() == ["* error: nobody logged in in time; connect again"]
        assert time.monotonic() - start >= 2
        speaker.say("still here")
        assert listener.line() == "speaker : still here"
    days = {line[8:18] for line in (tmp_path / "t").read_text().splitlines()}
    assert len(days) == 3, "what the clock said is what is written"
