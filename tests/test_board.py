"""What a seat tells the board: `lab hand`, and what the other commands say there, which must not wait for it."""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lab.student import board
from lab.student.board import CHECK_LIMIT, LINE_LIMIT, PATIENCE, TRACE_LIMIT, line_of
from tests.board import Board, opened
from tests.eventually import eventually
from tests.test_coursework import CHINESE, ENGLISH, ROOT, SEED, solve

SPARE = 2.0  # seconds that a busy machine may take on top


def lab(
    home: Path, board: Path, *words: str | bytes, language: dict[str, str] = ENGLISH
) -> subprocess.CompletedProcess[str]:
    """Run `lab WORDS` in a seat that has this board."""
    seat = {"HOME": str(home), "LAB_HOME": str(home), "LAB_SEED": SEED, "BOARD_SOCKET": str(board)}
    return subprocess.run(
        [sys.executable, "-P", "-m", "lab.student.cli", *words],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | seat | language,
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def outcome(done: subprocess.CompletedProcess[str]) -> tuple[int, str, str]:
    return done.returncode, done.stdout, done.stderr


UP = "Your hand is up: your teacher sees it. To take it down: lab hand --down\n"


@pytest.mark.parametrize(
    ("words", "event", "said"),
    [
        ((), {"up": True, "text": ""}, UP),
        (("it", "hangs"), {"up": True, "text": "it hangs"}, UP),
        (("为什么是 Z？",), {"up": True, "text": "为什么是 Z？"}, UP),
        (("why", "--down"), {"up": True, "text": "why --down"}, UP),
        (("a\x1b[31mb\nc",), {"up": True, "text": "a\x1b[31mb\nc"}, UP),
        ((b"\xff\xfe",), {"up": True, "text": "\\xff\\xfe"}, UP),
        (("--down",), {"up": False}, "Your hand is down.\n"),
    ],
)
def test_a_hand_is_one_line(tmp_path: Path, words: tuple[str, ...], event: dict[str, Any], said: str) -> None:
    with opened() as there:
        assert outcome(lab(tmp_path, there.path, "hand", *words)) == (0, said, "")
        assert there.said() == [{"event": "hand", **event}]


def test_a_hand_in_chinese(tmp_path: Path) -> None:
    with opened() as there:
        assert (
            lab(tmp_path, there.path, "hand", language=CHINESE).stdout
            == "手已举起，老师看得到。放下：lab hand --down\n"
        )
        assert lab(tmp_path, there.path, "hand", "--down", language=CHINESE).stdout == "手已放下。\n"


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (b'{"wait": 16.2}\n', 1, "too many messages came from your seat. Wait 17 s."),
        (b'{"wait": 1e999}\n', 1, "Wait 3600 s."),
        (b'{"wait": NaN}\n', 1, "Wait 3600 s."),
        (b'{"wait": true}\n', 1, "the board has not taken it."),
        (b'{"error": "the board is \\u001b[2Jfull"}\n', 1, "the board has not taken it. the board is [2Jfull"),
        (b'{"ok": false}\n', 1, "the board has not taken it."),
        (b'{"ok": 1}\n', 1, "the board has not taken it."),
        (b"[]\n", 1, "the board has not taken it."),
        (b"hello\n", 2, "there is no board here. Ask your teacher yourself."),
        (b"\xff\n", 2, "there is no board here. Ask your teacher yourself."),
        (b"[" * 50000 + b"\n", 2, "there is no board here."),
        (b"x" * 100_000, 2, "there is no board here."),
        (b"", 2, "there is no board here. Ask your teacher yourself."),
    ],
)
def test_a_hand_is_up_only_if_the_board_says_so(tmp_path: Path, answer: bytes, status: int, said: str) -> None:
    with opened(answer) as there:
        found = lab(tmp_path, there.path, "hand", "help")
        assert (found.returncode, found.stdout, found.stderr.count("\n")) == (status, "", 1), found.stderr
        assert said in found.stderr
        assert "\x1b" not in found.stderr


def test_a_board_that_does_not_answer_is_not_waited_for_for_long(tmp_path: Path) -> None:
    with opened(None) as there:
        began = time.monotonic()
        found = lab(tmp_path, there.path, "hand")
        assert outcome(found) == (2, "", "Nobody was told: the board does not answer. Ask your teacher yourself.\n")
        assert time.monotonic() - began < 3 + SPARE


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (ENGLISH, "Nobody was told: there is no board here. Ask your teacher yourself.\n"),
        (CHINESE, "没有通知到任何人：这里没有看板。请直接问老师。\n"),
    ],
)
def test_without_a_board_the_hand_says_what_to_do(tmp_path: Path, language: dict[str, str], said: str) -> None:
    assert outcome(lab(tmp_path, tmp_path / "none", "hand", language=language)) == (2, "", said)
    (tmp_path / "file").write_text("no socket")
    assert outcome(lab(tmp_path, tmp_path / "file", "hand", language=language)) == (2, "", said)
    assert outcome(lab(tmp_path, tmp_path / ("long" * 50), "hand", language=language)) == (2, "", said)


@pytest.mark.parametrize(
    ("words", "said"),
    [(("--up",), "use: lab hand [TEXT]"), (("--down", "x"), "use: lab hand"), (("x" * 501,), "these are 501")],
)
def test_words_of_a_hand_that_make_no_sense(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    with opened() as there:
        found = lab(tmp_path, there.path, "hand", *words)
        assert (found.returncode, found.stdout, found.stderr.count("\n")) == (2, "", 1)
        assert said in found.stderr
        assert there.lines == []


def test_the_board_is_told_what_was_begun_hinted_and_checked(tmp_path: Path) -> None:
    with opened() as there:
        for words in (("start", "wait"), ("hint", "wait"), ("hint", "--again", "wait"), ("hint", "wait")):
            assert outcome(lab(tmp_path, there.path, *words))[::2] == (0, "")
        for _ in range(2):
            lab(tmp_path, there.path, "hint", "wait")  # the third, and that there are no more
        begun, *hints = there.said(4)
        assert begun == {"event": "start", "slug": "wait"}
        assert hints == [{"event": "hint", "slug": "wait", "hints": number} for number in (1, 2, 3)]
        eventually(lambda: checked(tmp_path, there) == 1)
        solve(tmp_path, "wait")
        eventually(lambda: checked(tmp_path, there) == 0)
        # On a busy machine it may be that a check cannot tell, which the board is told too.
        failed, passed = [check for check in there.said()[4:] if check["passed"] is not None]
    assert (failed["event"], failed["slug"], failed["passed"]) == ("check", "wait", False)
    assert re.fullmatch("[a-z-]+", failed["mistake"])
    [first, *_] = [result for result in failed["results"] if result["passed"] is False]
    assert failed["text"] == first["cause"]["rationale"]
    assert first["data"]["mistake"] == failed["mistake"]
    assert (passed["passed"], passed["mistake"], passed["text"]) == (True, None, "")
    assert all(result["passed"] for result in passed["results"])
    assert passed["trace"]["processes"]
    assert passed["trace"]["version"] == 1


def checked(home: Path, there: Board) -> int:
    """Check, see that the board is told, and return the exit status."""
    before = len(there.lines)
    status = lab(home, there.path, "check", "wait").returncode
    there.said(before + 1)
    return status


def test_a_check_of_what_is_not_there_is_told_too(tmp_path: Path) -> None:
    with opened() as there:
        assert lab(tmp_path, there.path, "check", "--json", "zombie").returncode == 1
        [told] = there.said()
        assert (told["passed"], told["mistake"]) == (False, "no-program")
        assert "trace" not in told


@contextmanager
def stuck(kind: str) -> Iterator[Path]:
    """Yield the path of a board that takes nothing: it is dead, its queue is full, or it never accepts."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as ends:
        path = Path(folder, "board.sock")
        listener = ends.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        listener.bind(str(path))
        if kind != "dead":
            listener.listen(0 if kind == "full" else 16)
        with suppress(BlockingIOError):
            while kind == "full":
                end = ends.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
                end.setblocking(False)
                end.connect(str(path))
        yield path


@pytest.mark.parametrize("kind", ["dead", "full", "deaf"])
def test_no_command_says_or_does_anything_else_because_of_a_board(tmp_path: Path, kind: str) -> None:
    alone, beside = tmp_path / "alone", tmp_path / "beside"
    with stuck(kind) as path:
        for words in (("start", "wait"), ("hint", "wait"), ("check", "zombie")):
            for home in (alone, beside):
                home.mkdir(exist_ok=True)
            expected = outcome(lab(alone, tmp_path / "none", *words))
            assert outcome(lab(beside, path, *words)) == expected
        found = lab(beside, path, "hand")
        assert (found.returncode, found.stdout, found.stderr.count("\n")) == (2, "", 1)
        assert found.stderr.startswith("Nobody was told: ")


def test_a_board_that_does_not_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with stuck("deaf") as path:
        monkeypatch.setenv("BOARD_SOCKET", str(path))
        began = time.monotonic()
        board.tell("check", results=["x" * 250_000])  # more than a socket keeps
        assert PATIENCE <= time.monotonic() - began < PATIENCE + SPARE


def test_without_a_board_telling_costs_nothing(tmp_path: Path) -> None:
    program = (
        "import sys, time; from lab.student import board; began = time.process_time()\n"
        "for _ in range(1000): board.tell('start', slug='wait')\n"
        "spent = time.process_time() - began; sys.exit(spent > 1 or 'socket' in sys.modules)"
    )
    environment = {**os.environ, "BOARD_SOCKET": str(tmp_path / "none")}
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=False).returncode == 0


@given(st.integers(0, 400_000), st.integers(0, 400_000), st.integers(0, 300_000))
@example(0, TRACE_LIMIT + 1, 0)
@example(LINE_LIMIT, 0, 0)
@example(CHECK_LIMIT, 0, 0)
def test_a_line_is_never_too_long_and_loses_the_least_first(results: int, trace: int, text: int) -> None:
    said = {"event": "check", "text": "t" * text, "results": ["r" * results], "trace": {"stdout": "s" * trace}}
    line = line_of(said)
    kept = json.loads(line)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert len(line) <= (CHECK_LIMIT if "results" in kept else LINE_LIMIT)
    assert kept["event"] == "check"
    assert len(json.dumps(kept.get("trace"))) <= TRACE_LIMIT
    assert kept == {name: value for name, value in said.items() if name in kept}
    assert "results" in kept or "trace" not in kept
    assert "text" in kept or "results" not in kept
    if results + text + trace < CHECK_LIMIT - 200 and trace < TRACE_LIMIT - 200:
        assert kept == said
    if results + text < CHECK_LIMIT - 200:
        assert "results" in kept
    if text < LINE_LIMIT - 200:
        assert "text" in kept
