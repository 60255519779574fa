"""The `chat` program: with pipes, in a terminal, and over a connection that breaks."""

import contextlib
import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab import proc
from tests.chat_room import REPOSITORY, ChatServer, Peer, client, environment, program, run, served, wait_gone
from tests.eventually import PATIENCE, eventually
from tests.window import Window


def test_without_a_terminal_it_reads_lines_and_writes_lines(chat_server: ChatServer) -> None:
    listener = chat_server.connect("listener")
    result = run("client", "--socket", str(chat_server.path), stdin="张三\n你好\n/help\nno newline at the end")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[0] == "* welcome 张三, 2 online"
    assert len(result.stdout.splitlines()) == 6
    said = [listener.line() for _ in range(4)]
    assert said == ["张三 login", "张三 : 你好", "张三 : no newline at the end", "张三 logout"]


def test_the_name_may_be_an_argument_and_the_socket_in_the_environment(chat_server: ChatServer) -> None:
    result = run("client", "bob", stdin="", CHAT_SOCKET=str(chat_server.path))
    assert (result.returncode, result.stdout, result.stderr) == (0, "* welcome bob, 1 online\n", "")


@pytest.mark.parametrize(
    ("stdin", "arguments", "complaint"),
    [
        ("", [], "no name to log in with"),
        ("\n", [], "a name cannot be empty; type one"),
        ("zhang san\n", [], "a name has no space and no colon; choose another"),
        ("", ["admin"], "the name admin is reserved; choose another"),
        ("", ["\udcff"], "a line must be UTF-8; yours was dropped, set your terminal or program to UTF-8"),
    ],
)
def test_a_refused_login_is_one_sentence_and_1(
    chat_server: ChatServer, stdin: str, arguments: list[str], complaint: str
) -> None:
    result = run("client", "--socket", str(chat_server.path), *arguments, stdin=stdin)
    assert (result.returncode, result.stdout, result.stderr) == (1, "", f"chat: {complaint}\n")


def test_no_server_is_one_sentence_and_1(tmp_path: Path) -> None:
    path = tmp_path / "s"
    assert "there is no socket" in run("client", "--socket", str(path)).stderr
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    result = run("client", "--socket", str(path), locale="zh_CN.UTF-8")
    assert (result.returncode, result.stdout) == (1, "")
    assert "没有服务器在监听" in result.stderr
    assert "is no socket" in run("client", "--socket", "/etc/passwd").stderr
    assert "has at most 107 bytes" in run("client", "--socket", "x" * 200).stderr


def test_bad_input_is_named_by_its_line_and_the_rest_is_said(chat_server: ChatServer) -> None:
    listener = chat_server.connect("listener")
    text = b"bob\ngood\n\xff\n" + b"x" * 5000 + b"\n" + b"y" * 100_000 + b"\nend\n"
    result = run("client", "--socket", str(chat_server.path), stdin=text)
    assert result.returncode == 0
    assert [line[:14] for line in result.stderr.splitlines()] == ["chat: line 3: ", "chat: line 5: "]
    assert "* error: a line is at most 4096 bytes" in result.stdout
    assert [listener.line() for _ in range(4)] == ["bob login", "bob : good", "bob : end", "bob logout"]


@pytest.mark.parametrize("redirection", [">&-", "<&-", "2>&-", "| true", ">/dev/full"])
def test_closed_streams_are_no_traceback(chat_server: ChatServer, redirection: str) -> None:
    command = ["sh", "-c", f'"$@" {redirection}', "sh", *program("client", "--socket", str(chat_server.path), "bob")]
    result = subprocess.run(
        command,
        env=environment(),
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert "Traceback" not in result.stderr
    assert "Exception" not in result.stderr
    if redirection == ">/dev/full":
        assert (result.returncode, result.stderr) == (1, "chat: No space left on device\n")


def lines_of(process: subprocess.Popen[str], last: str) -> list[str]:
    """Return what the program prints up to the line that is `last`."""
    assert process.stdout
    lines: list[str] = []
    while (line := process.stdout.readline().rstrip("\n")) != last:
        assert line, f"the program ended; it printed {lines}"
        lines.append(line)
    return lines


def write(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdin
    process.stdin.write(text)
    process.stdin.flush()


def test_it_reconnects_when_its_worker_is_killed(chat_server: ChatServer) -> None:
    with client(chat_server.path, "bob") as bob:
        assert lines_of(bob, "* welcome bob, 1 online") == []
        listener = chat_server.connect("listener")
        assert lines_of(bob, "listener login") == []
        os.kill(chat_server.worker_of("bob").pid, signal.SIGKILL)
        assert [listener.line(), listener.line()] == ["bob logout", "bob login"]
        write(bob, "after\n")
        assert listener.line() == "bob : after"
        assert lines_of(bob, "* welcome bob, 2 online") == []


def test_it_reconnects_when_the_server_is_killed_and_loses_no_line(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with served(path) as server, client(path, "bob") as bob:
        assert lines_of(bob, "* welcome bob, 1 online") == []
        listener = server.connect("listener")
        assert lines_of(bob, "listener login") == []
        write(bob, "before\n")
        assert listener.line() == "bob : before"
        server.stop(signal.SIGKILL)
        bob.send_signal(signal.SIGSTOP)
        write(bob, "while it was away\n")
        with served(path) as server:
            listener = server.connect("listener")
            bob.send_signal(signal.SIGCONT)
            assert listener.line() == "bob login"
            # "before" comes again where the server died between delivering and confirming it: at least once.
            assert listener.lines_to("bob : while it was away") in ([], ["bob : before"])
            assert lines_of(bob, "* welcome bob, 2 online") == []
            assert bob.poll() is None


def test_a_line_that_is_confirmed_is_not_said_again(chat_server: ChatServer) -> None:
    """At the end of stdin as well: the program waits for the confirmations, though somebody does not read."""
    chat_server.connect("stuck")
    listener = chat_server.connect("listener")
    text = "".join(f"{number} {'x' * 1000}\n" for number in range(400))
    with client(chat_server.path, "bob") as bob:
        write(bob, text)
        assert bob.stdin
        bob.stdin.close()
        heard = listener.lines_to("bob logout")
        assert bob.wait(PATIENCE) == 0
    numbers = [int(line.split()[2]) for line in heard if line.startswith("bob : ")]
    assert numbers == [*range(400)]
    assert heard.count("bob login") == 1


def test_it_gives_up_after_its_patience(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with served(path) as server, client(path, "--patience", "0.3", "bob") as bob:
        lines_of(bob, "* welcome bob, 1 online")
        server.stop()
        assert bob.wait(PATIENCE) == 1
        assert bob.stderr
        complaint = bob.stderr.read()
        assert complaint.startswith("* connection lost, trying again")
        assert "chat: there is no socket" in complaint


def test_one_who_is_kicked_does_not_come_back(chat_server: ChatServer) -> None:
    with client(chat_server.path, "bob") as bob:
        lines_of(bob, "* welcome bob, 1 online")
        chat_server.administer("kick", "bob")
        assert lines_of(bob, "* removed: by the administrator") == []
        assert bob.wait(PATIENCE) == 3
        assert bob.stderr
        assert bob.stderr.read() == ""
    eventually(chat_server.alone)


class StudentsServer:
    """A server such as a student writes: it takes any name, repeats what it is told to, and knows no command."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(path))
        self.socket.listen()
        self.socket.settimeout(PATIENCE)

    def accept(self) -> Peer:
        connection, _ = self.socket.accept()
        peer = Peer.__new__(Peer)
        peer.socket, peer.unread, peer.has_ended = connection, b"", False
        connection.setblocking(False)
        name = peer.line()
        peer.say(f"* welcome {name}, 1 online")
        return peer


def test_a_server_that_knows_no_ack(tmp_path: Path) -> None:
    path = tmp_path / "s"
    server = StudentsServer(path)
    with client(path, "bob") as bob:
        connection = server.accept()
        assert connection.line() == "/ack"
        connection.say("* accepted with thanks", "* accepted " + "9" * 30, "x : \x1b[2Jhello")
        assert lines_of(bob, "x : [2Jhello")[0] == "* welcome bob, 1 online"
        write(bob, "one\ntwo\n")
        assert [connection.line(), connection.line()] == ["one", "two"]
        connection.close()
        connection = server.accept()
        assert connection.line() == "/ack"
        write(bob, "three\n")
        assert connection.line() == "three", "nothing is said twice to a server that confirms nothing"
        assert bob.stdin
        bob.stdin.close()
        assert connection.rest() == []
        connection.close()
        assert bob.wait(PATIENCE) == 0


def test_a_server_that_confirms_more_than_was_said(tmp_path: Path) -> None:
    path = tmp_path / "s"
    server = StudentsServer(path)
    with client(path, "bob") as bob:
        connection = server.accept()
        connection.say("* accepted 0", "* accepted 17")
        write(bob, "one\n")
        assert [connection.line(), connection.line()] == ["/ack", "one"]
        assert bob.poll() is None


class Terminal(Window):
    """`chat` at a terminal of its own."""

    def __init__(self, *arguments: str, **variables: str) -> None:
        super().__init__(program("client", *arguments), environment(**variables), cwd=REPOSITORY)

    def family(self) -> list[int]:
        """Return the keyboard's process and the printer."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]


@contextlib.contextmanager
def terminal(*arguments: str, **variables: str) -> Iterator[Terminal]:
    at = Terminal(*arguments, **variables)
    try:
        yield at
    finally:
        if not at.has_ended:
            at.kill()


def test_at_a_terminal_it_asks_for_a_name_until_one_is_taken(chat_server: ChatServer) -> None:
    with terminal("--socket", str(chat_server.path)) as at:
        at.sees("your name: ")
        at.type("zhang san\n")
        at.sees("a name has no space and no colon; choose another")
        at.sees("your name: ")
        at.type("张三\n")
        at.sees("* welcome 张三, 1 online")


def test_at_a_terminal_five_refusals_are_the_end(chat_server: ChatServer) -> None:
    with terminal("--socket", str(chat_server.path)) as at:
        for _ in range(5):
            at.sees("your name: ")
            at.type("admin\n")
        at.sees("chat: the name admin is reserved; choose another")
        assert at.ends() == 1
    eventually(chat_server.alone)


def test_at_a_terminal_it_speaks_chinese_too(chat_server: ChatServer) -> None:
    with terminal("--socket", str(chat_server.path), LANG="zh_CN.UTF-8") as at:
        at.sees("您的名字：")


def test_colours_tell_who_speaks(chat_server: ChatServer) -> None:
    with terminal("--socket", str(chat_server.path), "bob") as at:
        at.sees("\r\x1b[K\x1b[2m* welcome bob, 1 online\x1b[0m")
        peer = chat_server.connect("张三")
        at.sees("\r\x1b[K\x1b[2m张三 login\x1b[0m")
        peer.say("hi : login", "we say login")
        at.sees("\r\x1b[K\x1b[36m张三\x1b[0m : hi : login")
        at.sees("\r\x1b[K\x1b[36m张三\x1b[0m : we say login")
        chat_server.administer("say", "quiet")
        at.sees("\r\x1b[K\x1b[1;33madmin : quiet\x1b[0m")


def test_no_color_means_none(chat_server: ChatServer) -> None:
    with terminal("--socket", str(chat_server.path), "bob", NO_COLOR="1") as at:
        chat_server.administer("say", "quiet")
        shown = at.sees("* welcome bob, 1 online")
        chat_server.administer("say", "loud")
        assert not re.search(r"\x1b\[[0-9;]*m", shown + at.sees("admin : loud"))


ENDS: dict[str, tuple[Callable[[Terminal], object], int]] = {
    "Ctrl-C": (lambda at: at.type("\x03"), 130),
    "Ctrl-D": (lambda at: at.type("\x04"), 0),
    "/quit": (lambda at: at.type("/quit\n"), 0),
    "SIGTERM": (lambda at: os.kill(at.pid, signal.SIGTERM), -signal.SIGTERM),
    "SIGKILL": (lambda at: os.kill(at.pid, signal.SIGKILL), -signal.SIGKILL),
    "SIGHUP": (lambda at: os.kill(at.pid, signal.SIGHUP), -signal.SIGHUP),
    "printer killed": (lambda at: os.kill(at.family()[1], signal.SIGKILL), 137),
}


@pytest.mark.parametrize("how", ENDS)
def test_no_end_leaves_a_process_behind(chat_server: ChatServer, how: str) -> None:
    end, status = ENDS[how]
    with terminal("--socket", str(chat_server.path), "bob") as at:
        at.sees("* welcome bob, 1 online")
        family = at.family()
        assert len(family) == 2, "one reads the keyboard, the other prints"
        end(at)
        assert at.ends() == status
        wait_gone(*family)
    eventually(chat_server.alone)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_printer_ends_with_the_keyboards_process(chat_server: ChatServer, number: signal.Signals) -> None:
    """Without a terminal, whose end would hang up on the printer too."""
    with client(chat_server.path, "bob") as bob:
        assert lines_of(bob, "* welcome bob, 1 online") == []
        [printer] = Path(f"/proc/{bob.pid}/task/{bob.pid}/children").read_text().split()
        bob.send_signal(number)
        assert bob.wait(PATIENCE) == -number
        wait_gone(int(printer))
    eventually(chat_server.alone)


def test_ctrl_c_at_the_prompt(chat_server: ChatServer) -> None:
    with terminal("--socket", str(chat_server.path)) as at:
        at.sees("your name: ")
        at.type("\x03")
        assert at.ends() == 130
    eventually(chat_server.alone)


def test_both_processes_sleep_while_nothing_happens(chat_server: ChatServer) -> None:
    with terminal("--socket", str(chat_server.path), "bob") as at:
        at.sees("* welcome bob, 1 online")
        eventually(lambda: {stat.state for pid in at.family() if (stat := proc.read_stat(pid))} == {"S"})
