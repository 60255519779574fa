"""The server, as a real process: each rule of the conversation, every bad input, and how it starts and stops."""

import contextlib
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from lab import proc
from lab.chat.protocol import LOGIN_TRIES
from lab.chat.worker import RECORD_BYTES, serve
from tests.chat_room import REPOSITORY, ChatServer, Peer, as_stranger, environment, program, run, served
from tests.eventually import PATIENCE, eventually
from tests.test_chat_protocol import BAD_NAMES


def test_login_message_and_logout_reach_everyone_else(chat_server: ChatServer) -> None:
    first = chat_server.connect()
    first.say("李四")
    assert first.line() == "* welcome 李四, 1 online"
    second = chat_server.connect()
    second.say("张三")
    assert second.line() == "* welcome 张三, 2 online"
    assert first.line() == "张三 login"
    second.say("你好", "a : b")
    assert [first.line(), first.line()] == ["张三 : 你好", "张三 : a : b"]
    first.say("hello")
    assert second.line() == "李四 : hello", "and nothing of its own before"
    second.close()
    assert first.line() == "张三 logout"


def test_the_line_of_the_issue_with_socat(chat_server: ChatServer) -> None:
    listener = chat_server.connect("李四")
    shell = f"printf '张三\\n你好\\n' | socat - UNIX-CONNECT:{chat_server.path}"
    if shutil.which("socat"):
        shown = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True, timeout=PATIENCE).stdout
    else:
        peer = chat_server.connect()
        peer.say("张三", "你好")
        peer.end_writing()
        shown = "".join(f"{line}\n" for line in peer.rest())
    assert shown == "* welcome 张三, 2 online\n"
    assert [listener.line() for _ in range(3)] == ["张三 login", "张三 : 你好", "张三 logout"]


def test_what_was_said_just_before_hanging_up_is_heard(chat_server: ChatServer) -> None:
    """A client that does not wait for the welcome: the server's own words then fail, the client's must not."""
    listener = chat_server.connect("listener")
    for number in range(20):
        peer = Peer(chat_server.path)
        peer.say(f"hasty{number}", "one", "two")
        peer.close()
        heard = [listener.line() for _ in range(4)]
        assert heard == [
            f"hasty{number} login",
            f"hasty{number} : one",
            f"hasty{number} : two",
            f"hasty{number} logout",
        ]


def test_one_who_reads_no_more_is_heard_out_and_then_let_go(chat_server: ChatServer) -> None:
    deaf, other = chat_server.connect("deaf"), chat_server.connect("other")
    deaf.socket.shutdown(socket.SHUT_RD)
    other.say("anyone?")
    assert other.line() == "deaf logout"
    assert chat_server.is_serving()


def test_who_help_quit_and_an_unknown_command(chat_server: ChatServer) -> None:
    peer = chat_server.connect("张三")
    chat_server.connect("bob")
    assert peer.line() == "bob login"
    peer.say("/who", "/help", "/nothing", "/who ")
    assert peer.line() == "* online: 张三, bob"
    help_lines = [peer.line() for _ in range(5)]
    assert [line.split()[1] for line in help_lines[:4]] == ["/who", "/quit", "/ack", "//x"]
    assert peer.line() == "* error: there is no command /nothing; /help lists them, and //x sends /x as a message"
    assert peer.line() == "* online: 张三, bob"
    peer.say("/quit", "never said")
    assert peer.rest() == []


def test_two_slashes_say_one_and_blank_lines_say_nothing(chat_server: ChatServer) -> None:
    speaker, listener = chat_server.connect("speaker"), chat_server.connect("listener")
    speaker.say("//etc/passwd", "", "   ", "\t", "\r", "* welcome", "end")
    heard = [listener.line() for _ in range(3)]
    assert heard == ["speaker : /etc/passwd", "speaker : * welcome", "speaker : end"]


def test_no_message_drives_a_terminal(chat_server: ChatServer) -> None:
    speaker, listener = chat_server.connect("speaker"), chat_server.connect("listener")
    speaker.say("\x1b[2J\x1b]0;x\x07red\tgreen\x9b1m\x7f\r", "/\x1b[2J")
    assert listener.line() == "speaker : [2J]0;xred\tgreen1m"
    assert speaker.line() == "listener login"
    assert "no command /[2J;" in speaker.line()


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES)
def test_a_bad_name_is_refused_and_another_may_be_tried(chat_server: ChatServer, name: str) -> None:
    peer = chat_server.connect()
    peer.say(name)
    assert peer.line().startswith("* error: ")
    peer.say("good")
    assert peer.line() == "* welcome good, 1 online"


def test_a_newline_ends_a_name(chat_server: ChatServer) -> None:
    other, peer = chat_server.connect("other"), chat_server.connect()
    peer.say("zhang\nsan")
    assert peer.line() == "* welcome zhang, 2 online"
    assert [other.line(), other.line()] == ["zhang login", "zhang : san"]


def test_a_taken_name_is_free_again_after_its_logout(chat_server: ChatServer) -> None:
    first, second = chat_server.connect("é"), chat_server.connect()
    second.say("e\u0301")
    assert second.line() == "* error: the name é is taken; choose another"
    first.close()
    eventually(lambda: len(chat_server.workers()) == 1)
    second.say("é")
    assert second.line() == "* welcome é, 1 online"


def test_five_refusals_end_the_connection(chat_server: ChatServer) -> None:
    peer = chat_server.connect()
    peer.say(*["admin"] * LOGIN_TRIES, "good")
    answers = peer.rest()
    assert len(answers) == LOGIN_TRIES + 1
    assert answers[-1] == "* error: 5 logins were refused; connect again"
    eventually(chat_server.alone)


@pytest.mark.parametrize("locale", ["en_US.UTF-8", "zh_CN.UTF-8"])
def test_the_server_speaks_the_language_of_its_locale(tmp_path: Path, locale: str) -> None:
    with served(tmp_path / "s", locale=locale) as server:
        peer = server.connect()
        peer.say("")
        answer = peer.line()
        assert answer == "* error: " + (
            "名字不能为空；请输入一个名字" if "zh" in locale else "a name cannot be empty; type one"
        )
        peer.say("张三", "/help")
        assert peer.line() == "* welcome 张三, 1 online"
        assert ("在线" in peer.line()) == ("zh" in locale)


def test_4096_bytes_are_said_and_4097_are_one_error(chat_server: ChatServer) -> None:
    speaker, listener = chat_server.connect("speaker"), chat_server.connect("listener")
    speaker.say("x" * 4096, "y" * 4097, "你" * 1365 + "z", "你" * 1366, "after")
    assert listener.line() == "speaker : " + "x" * 4096
    assert listener.line() == "speaker : " + "你" * 1365 + "z"
    assert listener.line() == "speaker : after"
    assert speaker.line() == "listener login"
    assert [speaker.line()[:39] for _ in range(2)] == ["* error: a line is at most 4096 bytes; "] * 2


def test_a_megabyte_without_a_newline_is_one_error(chat_server: ChatServer) -> None:
    speaker, listener = chat_server.connect("speaker"), chat_server.connect("listener")
    assert speaker.line() == "listener login"
    speaker.send(b"x" * (1 << 20))
    assert speaker.line().startswith("* error: a line is at most")
    speaker.send(b"\nafter\n")
    assert listener.line() == "speaker : after"
    speaker.say("/who")
    assert speaker.line().startswith("* online: "), "one error, no more"


@pytest.mark.parametrize("broken", [b"\xff", b"ab\xe4", b"\xe4\xbd", b"\xf0\x9d\x84", b"\xc0\x80", b"\xed\xa0\x80"])
def test_invalid_utf8_cut_anywhere_is_one_error(chat_server: ChatServer, broken: bytes) -> None:
    speaker, listener = chat_server.connect("speaker"), chat_server.connect("listener")
    assert speaker.line() == "listener login"
    for cut in range(len(broken) + 1):
        speaker.send(broken[:cut])
        speaker.send(broken[cut:] + b"\n")
        assert speaker.line().startswith("* error: a line must be UTF-8; ")
    speaker.send("你".encode()[:1])
    speaker.send("你".encode()[1:] + b"\n")
    assert listener.line() == "speaker : 你"


def test_no_newline_at_the_end_is_told_and_not_relayed(chat_server: ChatServer) -> None:
    speaker, listener = chat_server.connect("speaker"), chat_server.connect("listener")
    assert speaker.line() == "listener login"
    speaker.send(b"whole\nhal")
    speaker.end_writing()
    assert speaker.rest() == ["* error: the last line has no newline and was dropped; end every line with one"]
    assert [listener.line(), listener.line()] == ["speaker : whole", "speaker logout"]


@pytest.mark.parametrize("said", [b"", b"no newline", b"admin\n"])
def test_a_client_that_never_logs_in_is_closed(tmp_path: Path, said: bytes) -> None:
    with served(tmp_path / "s", "--login-seconds", "1") as server:
        logged_in = server.connect("quiet")
        peer = server.connect()
        peer.send(said)
        assert peer.rest()[-1] == "* error: nobody logged in in time; connect again"
        logged_in.say("/who")
        assert logged_in.line() == "* online: quiet"
        eventually(lambda: len(server.workers()) == 1)


def test_a_client_that_talks_on_and_on_without_logging_in_is_closed(tmp_path: Path) -> None:
    with served(tmp_path / "s", "--login-seconds", "1") as server:
        peer = server.connect()
        deadline = time.monotonic() + PATIENCE
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while time.monotonic() < deadline:
                with contextlib.suppress(BlockingIOError):  # at once again: the worker must never find nothing there
                    peer.socket.send(b"x" * (1 << 16))
        assert time.monotonic() < deadline
        assert peer.rest()[-1] == "* error: nobody logged in in time; connect again"


def test_the_deadline_of_the_login_is_met_though_something_has_been_said() -> None:
    """The same without a race: at the deadline, what waits to be read is no reason to go on."""
    peer, client = socket.socketpair()
    channel, relay = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with peer, client, channel, relay:
        peer.sendall(b"late\n")
        channel.settimeout(PATIENCE)
        channel.shutdown(socket.SHUT_WR)  # one that asked for the name's verdict would end here
        serve(client, relay, 0.0)
        assert channel.recv(RECORD_BYTES) == b"R\nnobody logged in in time; connect again"


def test_each_line_is_confirmed_by_its_number(chat_server: ChatServer) -> None:
    speaker, listener = chat_server.connect("speaker"), chat_server.connect("listener")
    assert speaker.line() == "listener login"
    speaker.say("unnumbered", "/ack", "one", "", "/ack", "//four")
    speaker.send(b"\xff\n")
    assert [speaker.line() for _ in range(5)] == [f"* accepted {number}" for number in range(5)]
    assert speaker.line().startswith("* error: ")
    assert speaker.line() == "* accepted 5"
    assert [listener.line() for _ in range(3)] == [f"speaker : {text}" for text in ("unnumbered", "one", "/four")]


def test_confirmations_come_in_order_and_do_not_wait_for_one_who_does_not_read(chat_server: ChatServer) -> None:
    """The first lines wait for the reader to make room, the next for nobody, since it has left: still in order."""
    speaker, stuck = chat_server.connect("speaker"), chat_server.connect("stuck")
    assert speaker.line() == "stuck login"
    speaker.say("/ack", *["x" * 4000] * 100)
    assert speaker.line() == "* accepted 0"
    confirmed = 1
    while speaker.line() != "* accepted 100":
        confirmed += 1
    assert confirmed == 100, "each once, in order, once the reader has had its time"
    start = time.monotonic()
    speaker.say("next")
    assert speaker.line() == "* accepted 101"
    assert time.monotonic() - start < 2, "nobody waits for it twice"
    assert len([*stuck.lines_to("speaker : next")]) == 100


def test_a_departing_speaker_still_gets_its_confirmations(chat_server: ChatServer) -> None:
    speaker = chat_server.connect("speaker")
    chat_server.connect("stuck")
    assert speaker.line() == "stuck login"
    speaker.say("/ack", *["x" * 4000] * 100)
    speaker.end_writing()
    assert speaker.rest() == [f"* accepted {number}" for number in range(101)]


def test_workers_are_named_for_their_clients_and_asleep(chat_server: ChatServer) -> None:
    names = ["张三", "bob"]
    for name in names:
        chat_server.connect(name)
    chat_server.connect()
    eventually(lambda: len(chat_server.workers()) == 3)
    titles = [("chat-server:", name) for name in (*names, "(login)")]  # each is set just after the welcome
    eventually(
        lambda: [(worker.cmdline, worker.state) for worker in chat_server.workers()] == [(t, "S") for t in titles]
    )
    parent = proc.read(chat_server.pid)
    assert parent
    assert parent.cmdline == ("chat-server",)
    assert parent.comm == "chat-server"


def test_a_worker_holds_no_descriptor_but_its_own(chat_server: ChatServer) -> None:
    for number in range(5):
        chat_server.connect(f"p{number}")
    for worker in chat_server.workers():  # welcomed, one may still be at its title, which it writes to a file of /proc
        eventually(lambda pid=worker.pid: len(descriptors(pid)) == 5)  # type: ignore[misc]
        assert sum(kind.startswith("socket:") for kind in descriptors(worker.pid)) == 2


def descriptors(pid: int) -> list[str]:
    found = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.append(str(entry.readlink()))
    return found


def test_a_seat_is_known_by_the_uid_that_the_kernel_vouches_for(chat_server: ChatServer) -> None:
    """Our own UID is no seat's, so only the absence can be shown here; the lab's checks show the rest."""
    peer = chat_server.connect("张三")
    peer.say("/who")
    assert peer.line() == "* online: 张三"


@pytest.mark.parametrize("mask", ["0000", "0022", "0777"])
def test_the_modes_do_not_depend_on_the_umask(tmp_path: Path, mask: str) -> None:
    server = ChatServer(tmp_path / "s", prefix=["sh", "-c", f'umask {mask}; exec "$@"', "sh"])
    try:
        assert oct(stat.S_IMODE(server.path.stat().st_mode)) == oct(0o666)
        assert oct(stat.S_IMODE(server.admin.stat().st_mode)) == oct(0o600)
    finally:
        server.close()


def fails(path: Path | str, *, locale: str = "C.UTF-8", command: Sequence[str] = ()) -> str:
    """Start a server that must not start, and return its one sentence."""
    result = subprocess.run(
        command or program("server", "--socket", str(path)),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=environment(locale),
        cwd=REPOSITORY,
        check=False,
    )
    assert result.returncode == 1, result
    assert result.stdout == ""
    assert re.fullmatch(r"chat-server: .+\n", result.stderr), result.stderr
    return result.stderr.strip()


@pytest.mark.parametrize("locale", ["C.UTF-8", "zh_CN.UTF-8"])
def test_a_regular_file_is_left_as_it_is(tmp_path: Path, locale: str) -> None:
    path = tmp_path / "homework"
    path.write_text("precious")
    assert ("普通文件" if "zh" in locale else "is a file that is no socket") in fails(path, locale=locale)
    assert path.read_text() == "precious"


def test_a_directory_is_no_socket(tmp_path: Path) -> None:
    assert "is a directory" in fails(tmp_path)
    assert "is a directory" in fails("/")
    assert "is a directory" in fails("")


def test_a_path_too_long_for_the_kernel_is_said_to_be(tmp_path: Path) -> None:
    assert "has at most 107 bytes" in fails(tmp_path / ("x" * 108))
    room = 107 - len(str(tmp_path)) - 1 - len(".admin")
    with served(tmp_path / ("x" * room)) as server:
        assert server.is_serving()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert f"there is no folder {tmp_path}/missing; make it first" in fails(tmp_path / "missing/s")
    (tmp_path / "file").touch()
    assert f"there is no folder {tmp_path}/file" in fails(tmp_path / "file/s")


def test_a_folder_that_may_not_be_written_to() -> None:
    """As an ordinary user: root may write anywhere."""
    sentence = fails("", command=as_stranger("server", "--socket", "/etc/chat.sock"))
    assert "no socket can be made in" in sentence
    assert "Permission denied" in sentence


def test_a_read_only_file_system(tmp_path: Path) -> None:
    mount = f'mount -t tmpfs -o ro none {tmp_path} && exec "$@"'
    unshare = ["unshare", "--mount" if os.geteuid() == 0 else "-Urm", "sh", "-c", mount, "sh"]
    if subprocess.run([*unshare, "true"], check=False).returncode:
        pytest.skip("this system lets us mount nothing")
    sentence = fails("", command=[*unshare, *program("server", "--socket", f"{tmp_path}/s")])
    assert "no socket can be made in" in sentence
    assert "Read-only" in sentence


@pytest.mark.parametrize("locale", ["C.UTF-8", "zh_CN.UTF-8"])
def test_a_second_server_leaves_the_first_alone(chat_server: ChatServer, locale: str) -> None:
    sentence = fails(chat_server.path, locale=locale)
    assert ("已有服务器" if "zh" in locale else "a server is live on") in sentence
    assert chat_server.is_serving()
    eventually(chat_server.alone)
    assert sorted(entry.name for entry in chat_server.path.parent.iterdir()) == ["chat.sock", "chat.sock.admin"]


def test_a_live_admin_socket_stops_a_second_server_and_leaves_no_file(chat_server: ChatServer, tmp_path: Path) -> None:
    result = run("server", "--socket", str(tmp_path / "other"), "--admin", str(chat_server.admin))
    assert result.returncode == 1
    assert "a server is live on" in result.stderr
    assert not (tmp_path / "other").exists()
    assert run("admin", "--socket", str(chat_server.path), "who").returncode == 0


def test_a_stopped_server_with_a_full_queue_counts_as_live(chat_server: ChatServer) -> None:
    os.kill(chat_server.pid, signal.SIGSTOP)
    crowd = []
    try:
        while True:
            probe = socket.socket(socket.AF_UNIX)
            probe.setblocking(False)
            crowd.append(probe)
            if probe.connect_ex(str(chat_server.path)):
                break
        assert len(crowd) > 100
        assert "a server is live on" in fails(chat_server.path)
    finally:
        os.kill(chat_server.pid, signal.SIGCONT)
        for probe in crowd:
            probe.close()
    eventually(chat_server.is_serving)


def test_a_stale_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with served(path) as server:
        server.stop(signal.SIGKILL)
    assert path.is_socket()
    assert Path(f"{path}.admin").is_socket()
    with served(path) as server:
        assert server.is_serving()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_says_goodbye_and_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    folder = tmp_path / "room"
    folder.mkdir()
    with served(folder / "s") as server:
        peers = [*server.crowd(3), server.connect()]
        eventually(lambda: len(server.children()) == 4)
        workers = server.children()
        assert server.stop(number) == 0
        assert [peer.rest() for peer in peers] == [["* server is shutting down"]] * 4
        assert not [pid for pid in workers if proc.read(pid)]
        assert not [*folder.iterdir()]


def test_a_stop_does_not_wait_for_a_worker_that_is_stopped(tmp_path: Path) -> None:
    with served(tmp_path / "s") as server:
        server.crowd(3)
        workers = server.workers()
        os.kill(workers[1].pid, signal.SIGSTOP)
        start = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - start < 5
        assert not [worker for worker in workers if proc.read(worker.pid)]


def test_a_socket_that_is_another_servers_by_now_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with served(path) as first:
        os.kill(first.pid, signal.SIGSTOP)  # else it makes them again
        path.unlink()
        first.admin.unlink()
        with served(path) as second:
            os.kill(first.pid, signal.SIGCONT)
            assert first.stop() == 0
            assert second.is_serving()


@pytest.mark.parametrize("redirection", [">/dev/full", ">&-", "<&- >&- 2>&-", ">/dev/full 2>/dev/full"])
def test_a_server_that_cannot_announce_itself_serves_all_the_same(tmp_path: Path, redirection: str) -> None:
    path = tmp_path / "s"
    command = ["sh", "-c", f'exec "$@" {redirection}', "sh", *program("server", "--socket", str(path))]
    with subprocess.Popen(command, env=environment(), cwd=REPOSITORY) as process:
        try:
            eventually(Path(f"{path}.admin").exists)
            first, second = Peer(path, "first"), Peer(path, "second")
            assert first.line() == "second login"
            first.say("hello")
            assert second.line() == "first : hello"
            [worker, _] = proc.children(process.pid, proc.snapshot())
            assert len(list(Path(f"/proc/{worker.pid}/fd").iterdir())) == 5, "its own sockets stand for no stream"
            process.terminate()
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
    assert not path.exists()


def test_python_is_all_it_needs(tmp_path: Path) -> None:
    """No site-packages: -S and -I, as in an image without them."""
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from lab.chat.server import main; sys.exit(main())"
    path = tmp_path / "s"
    command = [sys.executable, "-I", "-S", "-c", code, str(REPOSITORY), "--socket", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("ready pid=")
        Peer(path, "bob")
        process.terminate()
        assert process.wait(PATIENCE) == 0
