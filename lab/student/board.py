"""The board that the teacher has before them: `lab hand`, and what `lab start`, `hint` and `check` say there.

The board is a stream socket that the seats share. It takes one line of JSON and answers one, `{"ok": true}`,
`{"wait": seconds}` to who says too much, or `{"error": "sentence"}`; whose seat it is, it asks the kernel. Where
there is no board, nothing is said. No command waits for it, or fails for it, but the one that is meant for it alone.
"""

import json
import math
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from lab.language import tr
from lab.student.usage import UsageError

if TYPE_CHECKING:
    from socket import socket

SOCKET = "/run/board/board.sock"
PATIENCE = 0.3  # seconds that a command gives to what it says besides
HAND_PATIENCE = 3.0  # and that a person waits, to know that somebody has been told
LINE_LIMIT = 65536  # bytes that the board takes, and more of a check:
CHECK_LIMIT = 256 << 10  # with its results, and a trace
TRACE_LIMIT = 200 << 10
ANSWER_LIMIT = 65536
TEXT_LIMIT = 500  # characters behind a hand


class NoBoardError(Exception):
    """There is nobody who would take it."""


def is_there() -> bool:
    """Tell whether there may be a board, at the cost of one look."""
    return os.path.exists(path())  # noqa: PTH110 (each command does it)


def path() -> str:
    """Return where the board's socket is."""
    return os.environ.get("BOARD_SOCKET") or SOCKET


def tell(event: str, **details: object) -> None:
    """Tell the board what was done, if there is one, and it takes it at once; say nothing of it to the student."""
    if not is_there():
        return
    with suppress(OSError):
        _connected(line_of({"event": event, **details}), PATIENCE).close()


def line_of(said: dict[str, Any]) -> bytes:
    """Return the line, without what is too long for it: the trace goes first, the results then, and then the text."""
    if len(json.dumps(said.get("trace"))) > TRACE_LIMIT:
        said = {name: value for name, value in said.items() if name != "trace"}
    limit = CHECK_LIMIT if "results" in said else LINE_LIMIT
    for left_out in ("", "trace", "results", "text"):
        said = {name: value for name, value in said.items() if name != left_out}
        line = json.dumps(said).encode() + b"\n"
        if len(line) < (limit if "results" in said else LINE_LIMIT):
            break
    return line


def hand(words: Sequence[str]) -> int:
    """Raise the hand, with a word or without, or take it down; return 0 only if the board has taken that."""
    text = " ".join(words).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    is_down = list(words) == ["--down"]
    if not is_down and words and words[0].startswith("-"):
        raise UsageError(tr("use: lab hand [TEXT], lab hand --down"))
    if len(text) > TEXT_LIMIT:
        raise UsageError(
            tr("at most {most} characters, and these are {count}: say it shorter", most=TEXT_LIMIT, count=len(text))
        )
    said = {"event": "hand", "up": not is_down, **({} if is_down else {"text": text})}
    try:
        answer = ask(line_of(said))
    except NoBoardError as error:
        raise UsageError(str(error)) from error
    return _tell_answer(answer, is_down)


def _tell_answer(answer: dict[str, Any], is_down: bool) -> int:
    """Say what the board has answered; return the exit status."""
    wait = answer.get("wait")
    if answer.get("ok") is True:
        print(
            tr("Your hand is down.")
            if is_down
            else tr("Your hand is up: your teacher sees it. To take it down: lab hand --down")
        )
        return 0
    if isinstance(wait, int | float) and not isinstance(wait, bool):
        seconds = math.ceil(max(1, min(3600, wait)))  # in this order, NaN is 3600
        print(tr("Nobody was told: too many messages came from your seat. Wait {n} s.", n=seconds), file=sys.stderr)
        return 1
    reason = "".join(filter(str.isprintable, str(answer.get("error", ""))))[:TEXT_LIMIT]
    print(tr("Nobody was told: the board has not taken it. {reason}", reason=reason).rstrip(), file=sys.stderr)
    return 1


def ask(line: bytes) -> dict[str, Any]:
    """Return the board's answer. Raises NoBoardError if there is none."""
    try:
        with _connected(line, HAND_PATIENCE) as board:
            answer = json.loads(_heard(board, time.monotonic() + HAND_PATIENCE))
    except TimeoutError as error:
        raise NoBoardError(tr("Nobody was told: the board does not answer. Ask your teacher yourself.")) from error
    except (OSError, ValueError, RecursionError) as error:
        raise NoBoardError(tr("Nobody was told: there is no board here. Ask your teacher yourself.")) from error
    return answer if isinstance(answer, dict) else {}


def _connected(line: bytes, seconds: float) -> "socket":
    """Return a connection over which the line was sent, within that time. Raises OSError; full queues count as gone."""
    from socket import AF_UNIX, SOCK_STREAM, socket  # takes 5 ms, and most that run this have no board

    board = socket(AF_UNIX, SOCK_STREAM)
    try:
        board.settimeout(seconds)  # of sendall as a whole; connect does not wait, unix(7)
        board.connect(path())
        board.sendall(line)
    except OSError:
        board.close()
        raise
    return board


def _heard(board: "socket", deadline: float) -> bytes:
    """Return the line that the board says. Raises TimeoutError, or ValueError if it ends before, or says too much."""
    said = b""
    while b"\n" not in said:
        board.settimeout(max(0.001, deadline - time.monotonic()))
        data = board.recv(4096)
        if not data or len(said) > ANSWER_LIMIT:
            raise ValueError("no answer")
        said += data
    return said.partition(b"\n")[0]
