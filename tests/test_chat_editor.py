"""`chat` at a terminal: the line that is being typed is edited, and survives what the others say meanwhile."""

import os
import select
import signal
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.chat.draft import Draft, Keys
from lab.chat.graphemes import graphemes, width
from tests.chat_room import REPOSITORY, ChatServer, environment, program, served, wait_gone
from tests.eventually import PATIENCE, eventually
from tests.screen import Emulator
from tests.window import Window

LEFT, RIGHT, UP, DOWN, HOME, END, DELETE = "\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B", "\x1b[H", "\x1b[F", "\x1b[3~"
BACKSPACE, CTRL_A, CTRL_C, CTRL_D, CTRL_E = "\x7f", "\x01", "\x03", "\x04", "\x05"
CTRL_K, CTRL_U, CTRL_W = "\x0b", "\x15", "\x17"
FAMILY = "👨‍👩‍👧"


class Chat(Window):
    """`chat` at a terminal, and what its screen shows."""

    def __init__(self, *arguments: str, columns: int = 40, **variables: str) -> None:
        variables = {"NO_COLOR": "1", "TERM": "xterm", **variables}
        super().__init__(program("client", *arguments), environment(**variables), (24, columns), REPOSITORY)
        self.screen = Emulator(24, columns)

    def shows(self, probe: Callable[[Emulator], bool]) -> None:
        """Wait until the screen is so."""
        deadline = time.monotonic() + PATIENCE
        while not probe(self.screen):
            left = max(0.0, deadline - time.monotonic())
            assert select.select([self.window], [], [], left)[0], f"{self.screen.lines} {self.screen.left!r}"
            self.screen.feed(os.read(self.window, 65536).decode())

    def shows_lines(self, *lines: str, left: str | None = None) -> None:
        """Wait until these are the last lines, with that to the left of the cursor."""
        self.shows(lambda screen: tuple(screen.lines[-len(lines) :]) == lines and left in (None, screen.left))

    def family(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]

    def modes(self) -> list[object]:
        return termios.tcgetattr(self.window)


@contextmanager
def chatting(server: ChatServer, *arguments: str, columns: int = 40, **variables: str) -> Iterator[Chat]:
    chat = Chat("--socket", str(server.path), *(arguments or ("bob",)), columns=columns, **variables)
    try:
        yield chat
    finally:
        if not chat.has_ended:
            chat.kill()


def test_what_is_half_typed_stays_when_somebody_speaks(chat_server: ChatServer) -> None:
    with chatting(chat_server) as bob:
        bob.shows_lines("* welcome bob, 1 online")
        peer = chat_server.connect("张三")
        bob.type("我在想")
        bob.shows_lines("我在想", left="我在想")
        peer.say("hello", "在吗")
        bob.shows_lines("张三 login", "张三 : hello", "张三 : 在吗", "我在想", left="我在想")
        bob.type("一下\n")
        assert peer.line() == "bob : 我在想一下"
        bob.shows_lines("张三 : 在吗", "我在想一下", left="")


@pytest.mark.parametrize(
    ("typed", "line", "left"),
    [
        ("时间" + BACKSPACE, "时", "时"),
        ("时间" + BACKSPACE * 2 + "x", "x", "x"),
        ("ab时间" + LEFT + "\x08", "ab间", "ab"),
        ("e\u0301x" + BACKSPACE * 2 + "y", "y", "y"),
        (f"a{FAMILY}b" + BACKSPACE * 2 + "c", "ac", "ac"),
        ("a🇨🇳b" + LEFT * 2 + BACKSPACE, "🇨🇳b", ""),
        ("world" + HOME + "hello " + END + "!", "hello world!", "hello world!"),
        ("world" + CTRL_A + "hello " + CTRL_E + "!", "hello world!", "hello world!"),
        ("world\x1bOHhello \x1bOF!", "hello world!", "hello world!"),
        ("一二三" + LEFT * 2 + "X" + RIGHT + "Y" + LEFT * 9, "一X二Y三", ""),
        ("one two  three " + CTRL_W, "one two  ", "one two  "),
        ("one two" + LEFT * 4 + CTRL_U, " two", ""),
        ("one two" + LEFT * 4 + CTRL_K, "one", "one"),
        ("abc" + LEFT * 2 + CTRL_D + DELETE, "a", "a"),
        ("a\x1b[1;5Cb\x1bxc\x1b[200~d\x00\x9be", "abcde", "abcde"),
        (LEFT + RIGHT + DELETE + BACKSPACE + UP + DOWN + CTRL_W + "a", "a", "a"),
    ],
)
def test_keys_edit_by_the_character_as_it_is_seen(chat_server: ChatServer, typed: str, line: str, left: str) -> None:
    with chatting(chat_server) as bob:
        bob.shows_lines("* welcome bob, 1 online")
        peer = chat_server.connect("tom")
        bob.type(typed)
        bob.shows_lines(line.rstrip(), left=left)
        peer.say("hi")
        bob.shows_lines("tom : hi", line.rstrip(), left=left)
        bob.type("\n")
        assert peer.line() == f"bob : {line}"


def test_arrows_bring_back_what_was_said(chat_server: ChatServer) -> None:
    with chatting(chat_server) as bob:
        bob.shows_lines("* welcome bob, 1 online")
        bob.type("one\ntwo\ntwo\n\nhalf")
        bob.shows_lines("two", "half")
        for key, line in ((UP, "two"), (UP, "one"), (UP, "one"), (DOWN, "two"), ("\x0e", "half"), (DOWN, "half")):
            bob.type(key)
            bob.shows_lines(line, left=line)
        peer = chat_server.connect("tom")
        bob.type(CTRL_U + "\x10\x10!\n")
        assert peer.line() == "bob : one!"


def test_a_line_longer_than_the_window_stays_on_its_row(chat_server: ChatServer) -> None:
    with chatting(chat_server) as bob:
        bob.shows_lines("* welcome bob, 1 online")
        peer = chat_server.connect("tom")
        text = "".join(f"{number:02}时" for number in range(40))
        bob.type(text)
        shown = text[-29:]  # 38 columns
        bob.shows_lines("tom login", shown, left=shown)
        peer.say("hi")
        bob.shows_lines("tom login", "tom : hi", shown, left=shown)
        bob.type(HOME)
        bob.shows(lambda screen: screen.left == "" and screen.lines[-1] == text[:29])
        bob.type("\n")
        bob.shows_lines("tom : hi", *(text[at : at + 30] for at in range(0, 120, 30)))
        assert peer.line() == f"bob : {text}"


def test_the_row_follows_the_windows_size(chat_server: ChatServer) -> None:
    with chatting(chat_server) as bob:
        bob.shows_lines("* welcome bob, 1 online")
        text = "0123456789" * 3
        bob.type(text)
        bob.shows_lines(text, left=text)
        bob.screen.resize(20)
        bob.resize(24, 20)
        bob.shows_lines(text[-19:], left=text[-19:])
        bob.screen.resize(60)
        bob.resize(24, 60)
        bob.shows_lines(text, left=text)
        peer = chat_server.connect("tom")
        peer.say("hi")
        bob.shows_lines("tom login", "tom : hi", text, left=text)


def test_the_name_is_edited_too(chat_server: ChatServer) -> None:
    with chatting(chat_server, "--patience", "60") as bob:
        bob.shows_lines("your name:", left="your name: ")
        bob.type("张四" + BACKSPACE + "三")
        bob.shows_lines("your name: 张三", left="your name: 张三")
        bob.type("\n")
        bob.shows_lines("your name: 张三", "* welcome 张三, 1 online", left="")


def test_what_is_half_typed_outlives_the_connection(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with served(path) as server, chatting(server) as bob:
        bob.shows_lines("* welcome bob, 1 online")
        bob.type("half a ")
        bob.shows_lines("half a", left="half a ")
        server.stop(signal.SIGKILL)
        bob.shows_lines("* welcome bob, 1 online", "* connection lost, trying again …")
        with served(path) as server:
            bob.shows_lines("* welcome bob, 1 online", "half a", left="half a ")
            peer = server.connect("tom")
            bob.type("line\n")
            assert peer.line() == "bob : half a line"


ENDS: dict[str, tuple[Callable[[Chat], object], int]] = {
    "Ctrl-C": (lambda at: at.type(CTRL_C), 130),
    "Ctrl-D": (lambda at: at.type(CTRL_U + CTRL_D), 0),
    "/quit": (lambda at: at.type(CTRL_U + "/quit\n"), 0),
    "SIGTERM": (lambda at: os.kill(at.pid, signal.SIGTERM), -signal.SIGTERM),
    "SIGHUP": (lambda at: os.kill(at.pid, signal.SIGHUP), -signal.SIGHUP),
    "Ctrl-backslash": (lambda at: at.type("\x1c"), -signal.SIGQUIT),
    "keyboard killed": (lambda at: os.kill(at.pid, signal.SIGKILL), -signal.SIGKILL),
    "printer killed": (lambda at: os.kill(at.family()[1], signal.SIGKILL), 137),
    "printer ended": (lambda at: os.kill(at.family()[1], signal.SIGTERM), 143),
}


AT_THE_PROMPT = {"Ctrl-D": 1, "/quit": 130, "printer killed": 1, "printer ended": 1}  # no name: no chat


@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("prompt", [False, True], ids=["in the room", "at the prompt"])
def test_however_it_ends_the_terminal_is_as_it_was(chat_server: ChatServer, how: str, prompt: bool) -> None:
    end, status = ENDS[how]
    with chatting(chat_server, *(("--patience", "60") if prompt else ())) as bob:
        before = bob.modes()
        bob.shows_lines("your name:" if prompt else "* welcome bob, 1 online")
        eventually(lambda: bob.modes() != before)
        bob.type("half")
        bob.shows(lambda screen: screen.left.endswith("half"))
        family = bob.family()
        assert len(family) == 2
        theirs = os.open(f"/proc/{bob.pid}/fd/0", os.O_RDWR | os.O_NOCTTY)  # it stays open for us
        end(bob)
        if prompt and how == "/quit":
            bob.type(CTRL_C)
        wait_gone(*family)
        assert termios.tcgetattr(theirs) == before
        os.close(theirs)
        assert bob.ends() == (AT_THE_PROMPT.get(how, status) if prompt else status)


def test_under_a_shell_it_is_stopped_and_goes_on(chat_server: ChatServer) -> None:
    command = " ".join(program("client", "--socket", str(chat_server.path), "bob"))
    variables = environment(TERM="xterm", NO_COLOR="1", PS1="$ ")
    window = Window(["bash", "--norc", "--noprofile", "-i"], variables, cwd=REPOSITORY)
    window.sees("$ ")
    window.type(f"{command}\n")
    window.sees("* welcome bob, 1 online")
    window.type("half")
    window.sees("half")
    window.type("\x1a")
    window.sees("Stopped")
    window.type("stty -a | tr ' ' '\\n' | grep -c -e '^-icanon' -e '^-echo;*$'; fg\n")
    window.sees("0\r\n")
    window.sees("half")
    peer = chat_server.connect("tom")
    window.type(" a line\n")
    assert peer.line() == "bob : half a line"
    window.type(CTRL_D)
    window.sees("$ ")
    window.type("exit\n")
    assert window.ends() == 0


def test_a_terminal_that_can_do_nothing_gets_whole_lines(chat_server: ChatServer) -> None:
    with chatting(chat_server, TERM="dumb") as bob:
        before = bob.modes()
        bob.sees("* welcome bob, 1 online")
        assert bob.modes() == before
        peer = chat_server.connect("tom")
        bob.type("hello\n")
        assert peer.line() == "bob : hello"


@pytest.mark.parametrize("pieces", [1, 2, 3])
def test_keys_come_in_any_pieces(pieces: int) -> None:
    data = f"a时\x1b[A\x1b[1;5C\x1bOH{FAMILY}\x1bx\n".encode()
    keys = Keys()
    found = [key for at in range(0, len(data), pieces) for key in keys.feed(data[at : at + pieces])]
    assert found == ["a", "时", "\x1b[A", "\x1b[1;5C", "\x1bOH", *FAMILY, "\x1bx", "\n"]


def test_a_draft_does_not_grow_for_ever() -> None:
    draft = Draft()
    for _ in range(5000):
        draft.press("x")
    assert len(draft.text) == 4096


@pytest.mark.parametrize(
    ("text", "found", "columns"),
    [
        ("a时", ["a", "时"], 3),
        ("e\u0301e", ["e\u0301", "e"], 2),
        (FAMILY + "x", [FAMILY, "x"], 7),
        ("👩🏽🇨🇳🇨🇳", ["👩🏽", "🇨🇳", "🇨🇳"], 12),
        ("❤\ufe0fx", ["❤\ufe0f", "x"], 3),
        ("\u1112\u1161\u11abx", ["\u1112\u1161\u11ab", "x"], 3),
        ("ශ්\u200dරී", ["ශ්\u200d", "රී"], 3),
    ],
)
def test_graphemes(text: str, found: list[str], columns: int) -> None:
    assert graphemes(text) == found
    assert width(text) >= columns - 1
    assert sum(map(width, found)) == width(text)
