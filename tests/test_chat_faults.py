"""The chat under fire: kills, stops, crowds, limits; what must hold afterwards is asked of the kernel."""

import contextlib
import os
import resource
import select
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from lab import proc
from tests.chat_room import (
    REPOSITORY,
    STRANGER,
    ChatServer,
    Peer,
    client,
    environment,
    gone,
    program,
    served,
    wait_gone,
)
from tests.eventually import PATIENCE, eventually

CLIENTS = 200
STOP_SECONDS = 5.0


def drain(peers: Sequence[Peer], quiet: float = 0.0) -> None:
    """Take in what all of them are sent, until nothing comes for `quiet` seconds."""
    poll = select.poll()
    by_number = {peer.socket.fileno(): peer for peer in peers if not peer.has_ended}
    for number in by_number:
        poll.register(number, select.POLLIN)
    while by_number and (ready := poll.poll(quiet * 1000)):
        for number, _ in ready:
            by_number[number].take()
            if by_number[number].has_ended:
                poll.unregister(number)
                del by_number[number]


@contextlib.contextmanager
def crowd(server: ChatServer, prefix: str, count: int) -> Iterator[subprocess.Popen[str]]:
    """Run a process with so many clients, all logged in."""
    command = [sys.executable, "-S", str(REPOSITORY / "tests/chat_crowd.py"), str(server.path), prefix, str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def is_ready(process: subprocess.Popen[str]) -> bool:
    assert process.stdout
    return process.stdout.readline() == "ready\n"


def come_and_go(server: ChatServer, turn: int) -> None:
    """Let 200 clients come, kill half of them with SIGKILL, and let the other half leave; one of each is `chat`."""
    half = CLIENTS // 2 - 1
    with (
        crowd(server, f"killed{turn}-", half) as killed,
        crowd(server, f"leaving{turn}-", half) as leaving,
        client(server.path, "killed") as killed_client,
        client(server.path, "leaving") as leaving_client,
    ):
        assert is_ready(killed)
        assert is_ready(leaving)
        for program_ in (killed_client, leaving_client):
            assert program_.stdout
            assert program_.stdout.readline().startswith("* welcome ")
        assert len(server.workers()) == CLIENTS
        killed.kill()
        killed_client.kill()
        leaving.communicate(timeout=PATIENCE)
        leaving_client.communicate(timeout=PATIENCE)
        assert (leaving.returncode, leaving_client.returncode) == (0, 0)
    eventually(server.alone)


def test_200_clients_come_and_go_ten_times(chat_server: ChatServer) -> None:
    descriptors = chat_server.descriptors()
    for turn in range(2):  # until Python has the memory that such a crowd needs
        come_and_go(chat_server, turn)
    memory = chat_server.memory()
    for turn in range(2, 10):
        come_and_go(chat_server, turn)
    assert chat_server.descriptors() == descriptors
    # 1600 clients came since: 128 KiB more would be 80 bytes a client, less than its smallest object.
    assert chat_server.memory() - memory < 128
    assert chat_server.is_serving()


def test_a_killed_worker_costs_its_own_client_only(chat_server: ChatServer) -> None:
    first, second, third = chat_server.crowd(3)
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV):
        victim = chat_server.connect("victim")
        worker = chat_server.worker_of("victim")
        os.kill(worker.pid, number)
        assert victim.rest() == []
        for peer in (first, second, third):
            assert [peer.line(), peer.line()] == ["victim login", "victim logout"]
        eventually(lambda pid=worker.pid: proc.read(pid) is None)  # type: ignore[misc]
    first.say("still here")
    assert second.line() == third.line() == "p0 : still here"


def test_a_worker_killed_at_its_login_costs_its_own_client_only(chat_server: ChatServer) -> None:
    for _ in range(10):
        peer = chat_server.connect()
        [worker] = eventually(chat_server.workers)
        peer.say("early")
        os.kill(worker.pid, signal.SIGKILL)
        assert len(peer.rest()) <= 1
        eventually(chat_server.alone)
    assert chat_server.is_serving()


def test_a_stopped_worker_delays_its_own_client_only(chat_server: ChatServer) -> None:
    first, second, victim = chat_server.crowd(3)
    worker = chat_server.worker_of("p2").pid
    os.kill(worker, signal.SIGSTOP)
    eventually(lambda: (stat := proc.read_stat(worker)) and stat.state == "T")
    victim.say("/ack", "late")
    for number in range(500):
        first.say(f"line {number}")
        assert second.line() == f"p0 : line {number}"
        assert victim.line() == f"p0 : line {number}", "it still hears: the parent writes"
    os.kill(worker, signal.SIGCONT)
    assert [victim.line(), victim.line()] == ["* accepted 0", "* accepted 1"]
    assert second.line() == "p2 : late"


def test_a_client_of_a_stopped_worker_can_be_kicked(chat_server: ChatServer) -> None:
    first, victim = chat_server.crowd(2)
    worker = chat_server.worker_of("p1").pid
    os.kill(worker, signal.SIGSTOP)
    assert chat_server.administer("kick", "p1").returncode == 0
    assert victim.rest() == ["* removed: by the administrator"]
    assert first.line() == "p1 logout"
    eventually(lambda: len(chat_server.workers()) == 1)


def test_when_the_parent_is_killed_its_workers_end(chat_server: ChatServer) -> None:
    peers = chat_server.crowd(20)
    chat_server.connect()
    eventually(lambda: len(chat_server.workers()) == 21)
    workers = chat_server.children()
    chat_server.stop(signal.SIGKILL)
    wait_gone(*workers)
    assert [peer.rest() for peer in peers] == [[]] * 20


def said(line: str) -> tuple[str, int]:
    name, _, number = line.partition(" : ")
    return name, int(number)


def accepted(lines: list[str]) -> int:
    """Return how many lines a speaker was told are accepted."""
    return max((int(line.split()[2]) for line in lines if line.startswith("* accepted ")), default=0)


def check_order(lines: list[str], names: Sequence[str]) -> dict[str, list[int]]:
    """Check that each speaker's lines came in the order in which they were said, each once; return them."""
    heard = {name: [number for other, number in map(said, lines) if other == name] for name in names}
    for numbers in heard.values():
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True
    return heard


def messages(lines: list[str]) -> list[str]:
    return [line for line in lines if " : " in line]


def test_no_confirmed_line_is_lost_when_the_server_is_killed_under_load(tmp_path: Path) -> None:
    """Raw speakers show what a confirmation is worth; `chat` programs show that with them nothing at all is lost."""
    path, half, whole = tmp_path / "chat.sock", range(1, 1501), range(1, 3001)
    speakers, names = [f"raw{number}" for number in range(3)], [f"program{number}" for number in range(3)]
    with contextlib.ExitStack() as stack:
        programs = {}
        with served(path) as server:
            listeners = [server.connect(f"listener{number}") for number in range(3)]
            for name in names:
                programs[name] = stack.enter_context(client(path, name, screen=subprocess.DEVNULL))
                type_in(programs[name], half)
            raw = [server.connect(name) for name in speakers]
            everyone = [*listeners, *raw]
            for name in names:
                drain_until(everyone, lambda name=name: f"\n{name} : 100\n".encode() in listeners[0].unread)  # type: ignore[misc]
            for peer in raw:
                peer.say("/ack", *map(str, half))
            drain_until(everyone, lambda: b"* accepted 100\n" in raw[2].unread)
            server.stop(signal.SIGKILL)
            for program_ in programs.values():
                program_.send_signal(signal.SIGSTOP)  # until there is somebody to hear what they say
            before = [messages(listener.rest()) for listener in listeners]
            confirmed = {name: accepted(peer.rest()) for name, peer in zip(speakers, raw, strict=True)}
        for lines in before:
            heard = check_order(lines, speakers + names)
            assert all(100 <= confirmed[name] <= len(heard[name]) for name in speakers[2:]), confirmed
            assert all(confirmed[name] <= len(heard[name]) for name in speakers), confirmed
        with served(path) as server:
            listener = server.connect("listener")
            for program_ in programs.values():
                program_.send_signal(signal.SIGCONT)
                type_in(program_, [number for number in whole if number not in half])
                assert program_.stdin
                program_.stdin.close()
            after: list[str] = []
            while not all(f"{name} logout" in after for name in names):
                after.append(listener.line())
            assert [program_.wait(PATIENCE) for program_ in programs.values()] == [0, 0, 0]
        late = check_order(messages(after), names)
        for lines in before:
            early = check_order(lines, names)
            for name in names:
                assert sorted({*early[name], *late[name]}) == [*whole], name
                assert len(late[name]) < len(whole), "only what was not confirmed is said again"


def test_a_confirmed_line_outlives_the_server(chat_server: ChatServer) -> None:
    """One who has not read yet finds in its socket all that was confirmed, after the server's death."""
    speaker, sleeper = chat_server.connect("speaker"), chat_server.connect("sleeper")
    speaker.say("/ack", *["x" * 4000] * 100)
    speaker.lines_to("* accepted 10")
    drain([speaker], quiet=0.5)  # all that is confirmed at once; the rest waits for the sleeper, for some seconds
    chat_server.stop(signal.SIGKILL)
    confirmed = max(10, accepted(speaker.rest()))
    assert confirmed < 100, "not all of it fits into a socket"
    assert len(sleeper.rest()) >= confirmed


def type_in(program_: subprocess.Popen[str], numbers: Iterable[int]) -> None:
    assert program_.stdin
    program_.stdin.write("".join(f"{number}\n" for number in numbers))
    program_.stdin.flush()


def drain_until(peers: Sequence[Peer], probe: Callable[[], bool]) -> None:
    """Have all of them read until the probe is true."""

    def is_true() -> bool:
        drain(peers)
        return probe()

    eventually(is_true)


def test_one_who_does_not_read_is_disconnected_at_its_limit_and_delays_nobody(chat_server: ChatServer) -> None:
    speaker, listener, stuck = chat_server.crowd(3)
    text, sent, slowest = "x" * 4000, 0, 0.0
    while True:
        start = time.monotonic()
        speaker.say(text)
        line = listener.line()
        slowest = max(slowest, time.monotonic() - start)
        if line == "p2 logout":
            break
        sent += len(line) + 1
    kernel = 1 << 19  # more than the socket's own buffer holds
    assert 1 << 20 <= sent <= (1 << 20) + kernel, f"{sent} bytes"
    assert slowest < 2
    assert len(stuck.rest()) > 0, "it gets what the kernel had for it, and the end"
    eventually(lambda: len(chat_server.workers()) == 2)


def test_everybody_sees_the_same_order(chat_server: ChatServer) -> None:
    names = [f"p{number}" for number in range(20)]
    peers = chat_server.crowd(20)
    listeners = [chat_server.connect(f"listener{number}") for number in range(3)]
    for number in range(1, 51):
        for peer in peers:
            peer.say(str(number))
    for peer in peers:
        peer.end_writing()
    heard = []
    for listener in listeners:
        lines: list[str] = []
        while sum(line.endswith(" logout") for line in lines) < 20:
            lines.append(listener.line())
        heard.append(messages(lines))
    assert len(heard[0]) == 20 * 50
    assert heard[0] == heard[1] == heard[2]
    assert check_order(heard[0], names)
    for peer, name in zip(peers, names, strict=True):
        mine = messages(peer.rest())
        assert mine == [line for line in heard[0] if said(line)[0] != name][: len(mine)]


def test_everyone_sleeps_while_nobody_types(chat_server: ChatServer) -> None:
    chat_server.crowd(50)
    eventually(lambda: {worker.state for worker in chat_server.workers()} == {"S"})

    def sleeps_through_a_second() -> bool:
        before = chat_server.cpu_ticks(), switches(chat_server)
        time.sleep(1)  # a while in which nothing must happen
        return (chat_server.cpu_ticks(), switches(chat_server)) == before

    eventually(sleeps_through_a_second)


def switches(server: ChatServer) -> list[str]:
    """Return how often each of the server's processes has gone to sleep of itself."""
    pids = [server.pid, *(worker.pid for worker in server.workers())]
    statuses = [Path(f"/proc/{pid}/status").read_text() for pid in pids]
    return [proc.status_field(status, "voluntary_ctxt_switches") for status in statuses]


def test_sigterm_with_200_clients_of_whom_half_do_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "room"
    folder.mkdir()
    with served(folder / "s") as server:
        readers = [server.connect(f"reader{number}") for number in range(CLIENTS // 2)]
        for number in range(CLIENTS // 2):
            server.connect(f"stuck{number}")
            drain(readers)
        workers = [worker.pid for worker in server.workers()]
        assert len(workers) == CLIENTS
        for _ in range(100):
            readers[0].say("x" * 4000)
            drain(readers)
        drain_until(readers, lambda: readers[1].unread.count(b"xxx\n") == 100)
        server.process.terminate()
        start = time.monotonic()
        while server.process.poll() is None and time.monotonic() - start < STOP_SECONDS:
            drain(readers, 0.02)
        assert server.process.wait(0.1) == 0
        assert all(peer.rest()[-1] == "* server is shutting down" for peer in readers)
        assert all(map(gone, workers))
        assert not [*folder.iterdir()]


def test_a_socket_file_that_is_removed_is_made_again_and_who_is_in_stays_in(chat_server: ChatServer) -> None:
    first, second = chat_server.crowd(2)
    descriptors = chat_server.descriptors()
    removals: list[Callable[[Path], object]] = [
        Path.unlink,
        lambda path: path.rename(f"{path}.old"),
        lambda path: path.rename(f"/tmp/{STRANGER}.old"),
    ]
    for number, remove in enumerate(removals):
        for path, mode in ((chat_server.path, 0o666), (chat_server.admin, 0o600)):
            remove(path)
            eventually(path.is_socket)
            assert stat.S_IMODE(path.stat().st_mode) == mode
        newcomer = chat_server.connect(f"new{number}")
        assert first.line() == second.line() == f"new{number} login"
        newcomer.say("hello")
        assert first.line() == second.line() == f"new{number} : hello"
        assert chat_server.administer("kick", f"new{number}").returncode == 0
        assert first.line() == second.line() == f"new{number} logout"
    Path(f"/tmp/{STRANGER}.old").unlink()
    eventually(lambda: chat_server.descriptors() == descriptors)
    eventually(lambda: len(chat_server.workers()) == 2)
    assert chat_server.stop() == 0
    assert not chat_server.path.exists()
    assert not chat_server.admin.exists()


def test_who_waits_at_a_socket_that_is_removed_is_let_in(chat_server: ChatServer) -> None:
    os.kill(chat_server.pid, signal.SIGSTOP)
    waiting = chat_server.connect()
    waiting.say("bob")
    chat_server.path.unlink()
    os.kill(chat_server.pid, signal.SIGCONT)
    assert waiting.line() == "* welcome bob, 1 online"
    eventually(chat_server.path.is_socket)
    assert chat_server.is_serving()


def test_a_limit_of_descriptors_is_told_to_the_client_and_the_server_lives(tmp_path: Path) -> None:
    server = ChatServer(tmp_path / "s", prefix=["sh", "-c", 'ulimit -n 64; exec "$@"', "sh"])
    try:
        administrators = [Peer(server.admin) for _ in range(40)]
        peers = [server.connect(f"p{number}") for number in range(16)]
        for _ in range(50):
            Peer(server.path).close()  # gone before it can be refused
            assert server.connect().rest() == ["* error: the room is full; try again later"]
        assert server.administer("say", "full").stdout == "* said to 16 online\n"
        assert peers[15].line() == "admin : full"
        assert sum(peer.rest() == [] for peer in administrators[:-8]) == 32, "the latest few are kept"
        peers.pop().close()
        eventually(lambda: len(server.workers()) == 15)
        assert server.is_serving()
        assert server.stop() == 0
    finally:
        server.close()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter; tmp_path is for its owner."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def own_tasks() -> int:
    """Return how many processes and threads RLIMIT_NPROC counts already: none for a stranger."""
    if os.geteuid() == 0:
        return 0
    return sum(process.threads for process in proc.snapshot().values() if process.uid == os.geteuid())


def test_a_failing_fork_is_told_to_the_client_and_the_server_lives(open_folder: Path) -> None:
    with served(open_folder / "s", limits={resource.RLIMIT_NPROC: own_tasks() + 5}) as server:
        peers: list[Peer] = []
        for number in range(100):
            peers.append(server.connect())
            with contextlib.suppress(BrokenPipeError):  # it may be refused before it has said anything
                peers[-1].say(f"p{number}")
            if (answer := peers[-1].line()).startswith("* error: "):
                break
        assert answer == "* error: no process for you: Resource temporarily unavailable; try later"
        assert 1 < len(peers) < 100
        assert peers[-1].rest() == []
        descriptors = server.descriptors()
        for _ in range(20):
            assert server.connect().rest() == [answer]
        assert server.descriptors() == descriptors
        peers[0].close()
        eventually(lambda: len(server.workers()) == len(peers) - 2)
        assert server.is_serving()


# Each round forks the contenders, lets them all go at once, and counts who listens on the stale socket.
CONTENDERS = """\
import os, socket, sys
from pathlib import Path
from lab.chat.listener import Listener, PathError
path, rounds = Path(sys.argv[1]), int(sys.argv[2])
for _ in range(rounds):
    stale = socket.socket(socket.AF_UNIX); stale.bind(str(path)); stale.close()
    gate, go = os.pipe()
    verdicts, verdict = os.pipe()
    end, stay = os.pipe()
    for _ in range(4):
        if os.fork() == 0:
            os.close(go); os.close(stay)
            os.read(gate, 1)
            try:
                listener = Listener(path, 0o666)
                os.write(verdict, b"+")
                os.read(end, 1)
            except PathError:
                os.write(verdict, b"-")
            finally:
                os._exit(0)
    os.close(go)
    heard = b""
    while len(heard) < 4:
        heard += os.read(verdicts, 4)
    assert heard.count(b"+") == 1, heard
    for number in (gate, verdicts, verdict, end, stay):
        os.close(number)
    for _ in range(4):
        os.wait()
    path.unlink()
"""


def test_of_many_that_start_on_a_stale_socket_at_once_one_listens(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CONTENDERS, str(tmp_path / "s"), "150"]
    result = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert result.returncode == 0, result.stderr
    assert not [*tmp_path.iterdir()]


def test_of_two_servers_started_at_once_one_lives(tmp_path: Path) -> None:
    path = tmp_path / "s"
    for _ in range(4):
        command = program("server", "--socket", str(path))
        both = [
            subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment(), cwd=REPOSITORY
            )
            for _ in range(2)
        ]
        try:
            announced = [process.stdout.readline() for process in both if process.stdout]
            [winner] = [process for process, line in zip(both, announced, strict=True) if line.startswith("ready ")]
            [loser] = [process for process in both if process is not winner]
            assert loser.wait(PATIENCE) == 1
            Peer(path, "bob").close()
        finally:
            for process in both:
                process.kill()  # which leaves a stale socket for the next round
                with process:
                    pass
