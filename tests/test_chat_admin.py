"""The administrator's tool and its socket."""

import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from tests.chat_room import ChatServer, Peer, as_stranger, environment, run, served
from tests.eventually import eventually


def test_say_reaches_everyone(chat_server: ChatServer) -> None:
    peers = chat_server.crowd(3)
    result = chat_server.administer("say", "class", "begins", "\x1b[31mnow")
    assert (result.returncode, result.stdout, result.stderr) == (0, "* said to 3 online\n", "")
    assert [peer.line() for peer in peers] == ["admin : class begins [31mnow"] * 3


def test_who_lists_everyone_in_the_order_of_login(chat_server: ChatServer) -> None:
    assert chat_server.administer("who").stdout == "* nobody is online\n"
    for name in ("张三", "bob"):
        chat_server.connect(name)
    chat_server.connect()
    assert chat_server.administer("who").stdout == "* online: 张三, bob\n"


def test_kick_removes_one_and_tells_the_others(chat_server: ChatServer) -> None:
    victim, other = chat_server.connect("é"), chat_server.connect("other")
    assert victim.line() == "other login"
    result = chat_server.administer("kick", "e\u0301")
    assert (result.returncode, result.stdout) == (0, "* é was removed\n")
    assert victim.rest() == ["* removed: by the administrator"]
    assert other.line() == "é logout"
    eventually(lambda: len(chat_server.children()) == 1)


def test_kick_of_nobody_is_an_error(chat_server: ChatServer) -> None:
    result = chat_server.administer("kick", "nobody")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "chat-admin: nobody is online as nobody; see who\n"


@pytest.mark.parametrize("words", [[], ["say"], ["kick"], ["kick", "a", "b"], ["shout"], ["say", "two\nlines"]])
def test_a_wrong_command_line_is_2(chat_server: ChatServer, words: list[str]) -> None:
    result = chat_server.administer(*words)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("text", ["", "  ", "x" * 4097, "x" * 100_000, "\udcff"])
def test_what_cannot_be_said_is_an_error(chat_server: ChatServer, text: str) -> None:
    result = chat_server.administer("say", text)
    assert (result.returncode, result.stdout) == (1, "")
    assert re.fullmatch("chat-admin: .+\n", result.stderr)


def test_the_tool_and_the_server_each_speak_their_language(tmp_path: Path) -> None:
    with served(tmp_path / "s", locale="zh_CN.UTF-8") as server:
        peer = server.connect("bob")
        assert server.administer("say", "上课").stdout == "* 已发给 1 位在线者\n"
        assert peer.line() == "admin : 上课"
        assert server.administer("kick", "bob").stdout == "* 已移出 bob\n"
        assert peer.rest() == ["* removed: 您被管理员移出了聊天室"]
        assert server.stop() == 0
    assert "没有套接字" in server.administer("who", locale="zh_CN.UTF-8").stderr


def test_no_server_is_one_sentence_and_1(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    missing = run("admin", "--socket", path, "who")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert re.fullmatch(r"chat-admin: there is no socket .+\.admin: is the server running.+\n", missing.stderr)
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(f"{path}.admin")
    assert "nobody listens on" in run("admin", "--socket", path, "who").stderr
    Path(path).touch()
    assert "is no socket" in run("admin", "--admin", path, "who").stderr


def test_the_socket_may_be_named_by_the_environment(chat_server: ChatServer, tmp_path: Path) -> None:
    result = run("admin", "who", CHAT_ADMIN=str(chat_server.admin), CHAT_SOCKET=str(tmp_path))
    assert result.stdout == "* nobody is online\n"
    assert run("admin", "who", CHAT_SOCKET=str(chat_server.path)).stdout == "* nobody is online\n"


def test_another_user_cannot_reach_it(chat_server: ChatServer) -> None:
    command = as_stranger("admin", "--admin", str(chat_server.admin), "who")
    result = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    if os.geteuid() == 0:
        assert result.returncode == 1
        assert "Permission denied" in result.stderr


def test_raw_requests(chat_server: ChatServer) -> None:
    """A connection is good for one request; what is no request, or only half of one, is an error."""
    for request, answer in {
        b"who\nwho\n": "* nobody is online",
        b"dance\n": "* error: the requests are: say TEXT, who, kick NAME",
        b"who": "* error: the last line has no newline and was dropped; end every line with one",
        b"\xff\n": "* error: a line must be UTF-8; yours was dropped, set your terminal or program to UTF-8",
    }.items():
        peer = Peer(chat_server.admin)
        peer.send(request)
        peer.end_writing()
        assert peer.rest() == [answer]
    silent = Peer(chat_server.admin)
    silent.end_writing()
    assert silent.rest() == []
    hasty = Peer(chat_server.admin)
    hasty.say("say bye")
    hasty.close()
    assert chat_server.is_serving()
