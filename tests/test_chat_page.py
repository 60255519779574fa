"""Lines that are written together: all are sent what line by line would have brought; no packet is too long."""

import os
import signal
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from lab import proc
from lab.chat.outbox import Outbox
from lab.chat.page import Page
from lab.chat.protocol import MAX_LINE, LineParser
from lab.chat.worker import BETWEEN_RECORDS, PACKET_BYTES, PACKET_RECORDS, Visitor
from tests.chat_room import ChatServer, wait_gone
from tests.eventually import eventually

READERS = ("ann", "bob", "carl")
Entry = tuple[bytes, str | None, str | None]
ENTRIES = st.lists(
    st.tuples(st.binary(min_size=1, max_size=5), st.none() | st.sampled_from(READERS), st.none())
    | st.tuples(st.binary(min_size=1, max_size=5), st.none(), st.sampled_from(READERS))
)


def written(entries: Sequence[Entry]) -> Page[str]:
    page = Page[str]()
    for data, only, but in entries:
        page.add(data, only=only, but=but)
    page.write()
    return page


@given(ENTRIES, st.sets(st.sampled_from(READERS)))
def test_each_reader_is_sent_its_lines_in_the_one_order(entries: list[Entry], online: set[str]) -> None:
    page = written(entries)
    for reader in READERS:
        wanted = b"".join(
            data
            for data, only, but in entries
            if only == reader or (only is None and but != reader and reader in online)
        )
        if reader in page.particular:
            assert page.part_of(reader, is_online=reader in online).data == wanted
        elif reader in online:
            assert page.line.data == wanted


def test_a_page_is_settled_when_the_last_reader_has_what_others_said() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        while True:
            try:
                ours.send(b"x" * 4096)
            except BlockingIOError:
                break
        outbox, told = Outbox(ours), list[str]()
        page = written([(b"of others\n", None, "bob"), (b"to ann\n", "ann", None)])
        page.line.when_settled(lambda: told.append("settled"))
        part = page.part_of("ann", is_online=True)
        assert not outbox.put(part)
        part.release()
        page.line.release()
        assert not told, "ann has it not yet"
        outbox.let_go()
        assert told == ["settled"]


def test_what_is_said_to_one_alone_lets_nobody_else_wait() -> None:
    page = written([(b"of others\n", None, "ann"), (b"to ann\n", "ann", None)])
    page.part_of("ann", is_online=True)
    page.line.release()
    assert page.line.is_settled


@given(st.lists(st.sampled_from([b"hi", b"", b"/help", b"/x", b"/ack", b"\xff", b"y" * MAX_LINE]), max_size=300))
def test_a_worker_sends_few_packets_none_too_long(lines: list[bytes]) -> None:
    channel, relay = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with channel, relay:
        visitor, packets = Visitor(relay), list[bytes]()
        visitor.name = "bob"
        for line in lines:  # so that the parent's part can be read between
            visitor.take_all(LineParser().feed(line + b"\n"))
            channel.setblocking(False)
            while True:
                try:
                    packets.append(channel.recv(2 * PACKET_BYTES))
                except BlockingIOError:
                    break
        assert all(len(packet) <= PACKET_BYTES for packet in packets)
        assert all(packet.count(BETWEEN_RECORDS) < PACKET_RECORDS for packet in packets)
        for packet in packets:
            packet.replace(BETWEEN_RECORDS, b"").decode()


def test_one_read_of_many_lines_is_few_packets() -> None:
    channel, relay = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with channel, relay:
        visitor = Visitor(relay)
        visitor.name = "bob"
        visitor.take_all(LineParser().feed(b"hi\n" * (PACKET_RECORDS + 1)))
        assert channel.recv(PACKET_BYTES).split(BETWEEN_RECORDS) == [b"Mhi"] * PACKET_RECORDS
        assert channel.recv(PACKET_BYTES) == b"Mhi"


def test_what_one_says_at_once_is_answered_and_relayed_in_order(chat_server: ChatServer) -> None:
    speaker, listener = chat_server.connect("speaker"), chat_server.connect("listener")
    assert speaker.line() == "listener login"
    speaker.say("a", "/who", "/ack", "b", "/nothing", "c", "/quit")
    answers = speaker.rest()
    assert [line.split(";")[0] for line in answers] == [
        "* online: speaker, listener",
        "* accepted 0",
        "* accepted 1",
        "* error: there is no command /nothing",
        "* accepted 2",
        "* accepted 3",
        "* accepted 4",
    ]
    assert [listener.line() for _ in range(4)] == ["speaker : a", "speaker : b", "speaker : c", "speaker logout"]


def is_in(pid: int, state: str) -> None:
    eventually(lambda: (process := proc.read_stat(pid)) and process.state == state)


def act(worker: int, said: Callable[[], None]) -> None:
    """Do what a worker acts on, and wait until it has, and sleeps again."""

    def slept() -> int:
        status = Path(f"/proc/{worker}/status").read_text()
        return int(status.split("\nvoluntary_ctxt_switches:")[1].split()[0])

    before = slept()
    said()
    eventually(lambda: slept() > before)


def test_who_comes_after_a_line_is_not_sent_it_and_who_leaves_after_it_is(chat_server: ChatServer) -> None:
    """All within one round: a line, then a login, then the end of one who was there."""
    speaker, leaver = chat_server.crowd(2)
    speaks, leaves = chat_server.worker_of("p0").pid, chat_server.worker_of("p1").pid
    newcomer = chat_server.connect()
    [comes] = eventually(lambda: [pid for pid in chat_server.children() if pid not in (speaks, leaves)])
    is_in(comes, "S")
    os.kill(chat_server.pid, signal.SIGSTOP)
    is_in(chat_server.pid, "T")
    act(speaks, lambda: speaker.say("before"))
    act(comes, lambda: newcomer.say("new"))
    leaver.end_writing()
    wait_gone(leaves)
    os.kill(chat_server.pid, signal.SIGCONT)
    assert newcomer.line() == "* welcome new, 3 online"
    assert leaver.rest() == ["p0 : before", "new login"]
    assert speaker.line() == "new login"
