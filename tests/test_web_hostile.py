"""What a seat can do to the server of the pages: by what it says, by its files, by a door of its own."""

import asyncio
import json
import os
import socket
import termios
import time
import tty
from pathlib import Path
from typing import Any

import pytest

from lab.door import parcel
from lab.web import state
from lab.web.board import Board, EventError
from lab.web.opener import is_terminal
from lab.web.opening import Opened
from lab.web.terminals import AT_ONCE, Terminal
from tests.eventually import PATIENCE

HALF = "\ud800 and more"  # half of a surrogate pair: JSON can say it, UTF-8 cannot


class Page:
    """Where a terminal is shown; it draws all at once."""

    def __init__(self, looks_on: bool = False, key: str = "") -> None:
        self.looks_on = looks_on
        self.key = key
        self.is_over = False
        self.told: dict[str, Any] = {}
        self.printed = b""

    def send(self, data: bytes) -> None:
        self.printed += data

    def tell(self, **what: Any) -> None:
        self.told.update(what)

    def end(self) -> None:
        self.is_over = True


class Seat:
    """A terminal of the seat's, with its other ends in our hands."""

    def __init__(self, is_kept: bool = False) -> None:
        self.ours, self.theirs = os.openpty()
        tty.setraw(self.theirs)
        self.copy = os.dup(self.ours)  # as the door in the seat has one
        os.set_blocking(self.ours, False)
        here, self.door = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.terminal = Terminal("zhang", "1", Opened(self.ours, here, is_kept))


def open_files() -> int:
    return len([*Path("/proc/self/fd").iterdir()])


async def until(probe: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while not probe():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "kept",
    [None, [1], "x", {"zhang": {}}, {"zhang": []}, {"zhang": {"cells": [], "hand": None, "heard": 0}}, {1: None}],
)
def test_what_was_kept_and_is_none_of_ours_is_left_out(kept: object) -> None:
    assert Board(kept).seat_to_json("zhang")["hand"] is None


@pytest.mark.parametrize("change", [{"begun": "x"}, {"newer": 1}, {"checks": None}, {"begun": []}])
def test_a_cell_of_another_version_costs_no_other_seat(change: dict[str, Any]) -> None:
    board = Board()
    for seat in ("zhang", "li"):
        board.take(seat, {"event": "start", "slug": "zombie"}, 1.0)
    kept = json.loads(json.dumps(board.to_keep()))
    kept["zhang"]["cells"]["zombie"].update(change)
    again = Board(kept)
    assert again.seat_to_json("li")["cells"]["zombie"]["state"] == "at"
    assert again.to_json()


@pytest.mark.parametrize("event", ["hand", "check"])
def test_half_of_a_surrogate_pair_can_be_kept_and_told(event: str, tmp_path: Path) -> None:
    board = Board()
    board.take("zhang", {"event": event, "slug": "zombie", "passed": False, "text": HALF, "mistake": HALF}, 1.0)
    state.write(tmp_path / "x.json", board.to_keep())
    assert Board(state.read(tmp_path / "x.json")).to_keep() == board.to_keep()
    assert json.dumps(board.seat_to_json("zhang"), ensure_ascii=False).encode()


def test_what_is_no_json_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    state.write(path, {"a": 1})
    with pytest.raises(ValueError, match="Out of range"):
        state.write(path, {"a": float("inf")})
    assert state.read(path) == {"a": 1}
    path.write_text("[" * 100_000)
    assert state.read(path) is None


@pytest.mark.parametrize("slug", [["zombie"], {}, None, "nothing", 7])
def test_an_event_is_about_an_exercise(slug: object) -> None:
    with pytest.raises(EventError):
        Board().take("zhang", {"event": "start", "slug": slug}, 1.0)


def test_a_seat_that_makes_our_writes_wait_loses_its_terminal_alone() -> None:
    """Whether a call waits is said in the open file, which the door in the seat has too."""

    async def scenario() -> None:
        seat = Seat()
        page = Page()
        seat.terminal.show(page, "", 0)
        os.set_blocking(seat.copy, True)
        began = time.monotonic()
        typing = asyncio.create_task(seat.terminal.type(b"x" * 200_000))  # nobody reads it
        await until(lambda: page.told.get("ended"))
        await typing
        assert time.monotonic() - began < AT_ONCE + 2
        assert not seat.terminal.is_open

    asyncio.run(scenario())


def test_a_door_that_says_the_end_and_goes_on_printing_is_left() -> None:
    async def scenario() -> None:
        seat = Seat()
        page = Page()
        seat.terminal.show(page, "", 0)
        os.write(seat.theirs, b"last words")
        parcel.send(seat.door, {"status": "no number"}, [seat.copy])
        before = open_files()
        await until(lambda: page.told.get("ended"))
        assert (page.told["status"], page.printed) == (None, b"last words")
        assert open_files() == before - 2, "what came along was closed, and so were ours"

    asyncio.run(scenario())


def test_typing_is_allowed_to_who_looks_on_now() -> None:
    async def scenario() -> None:
        terminal = Seat().terminal
        student, teacher = Page(), Page(looks_on=True)
        terminal.show(student, "", 0)
        terminal.allow(True)
        assert not terminal.typing_allowed, "nobody looks on"
        terminal.show(teacher, "", 0)
        terminal.allow(True)
        assert teacher.told["typing"] is True
        terminal.leave(teacher)
        terminal.show(teacher, "", 0)
        assert teacher.told["typing"] is False

    asyncio.run(scenario())


def test_a_slow_page_that_looks_on_holds_up_nobody_and_gets_the_last_screen() -> None:
    async def scenario() -> None:
        seat = Seat()
        student, teacher = Page(), Page(looks_on=True)
        seat.terminal.show(student, "", 0)
        seat.terminal.show(teacher, "", 0)
        for number in range(400):
            line = f"{number:>1024}\n".encode()
            os.write(seat.theirs, line)
            whole = len(line) * (number + 1)
            await until(lambda whole=whole: len(student.printed) >= whole)
            seat.terminal.drawn(student, len(line))
        assert len(teacher.printed) < len(student.printed)
        seat.terminal.drawn(teacher, len(teacher.printed))
        assert teacher.told["reset"] is True
        assert teacher.printed.endswith(student.printed[-1000:])

    asyncio.run(scenario())


def test_a_page_that_comes_back_is_not_held_up_by_the_connection_that_it_has_lost() -> None:
    async def scenario() -> None:
        seat = Seat()
        lost, teacher = Page(key="a"), Page(looks_on=True, key="a")
        seat.terminal.show(lost, "", 0)
        seat.terminal.show(teacher, "", 0)
        while len(lost.printed) <= 256 * 1024:  # and it draws nothing of it
            os.write(seat.theirs, b"x" * 1024)
            printed = len(lost.printed) + 1024
            await until(lambda printed=printed: len(lost.printed) >= printed)
        again, other = Page(key="a"), Page(key="b")
        seat.terminal.show(again, lost.told["epoch"], len(lost.printed) - 1000)
        seat.terminal.show(other, "", 0)
        assert (lost.is_over, teacher.is_over, again.is_over) == (True, False, False)
        assert "ended" not in teacher.told
        os.write(seat.theirs, b"more")
        await until(lambda: again.printed.endswith(b"more"))

    asyncio.run(scenario())


def test_a_page_that_says_its_size_at_once_gets_the_screen_of_before() -> None:
    """Programs draw for another size, and only if they are let see it: two changes at once are none."""

    async def scenario() -> None:
        seat = Seat(is_kept=True)
        page = Page()
        seat.terminal.resize(80, 24)
        seat.terminal.show(page, "", 0)
        seat.terminal.resize(80, 24)
        assert termios.tcgetwinsize(seat.theirs) == (23, 80)
        os.write(seat.theirs, b"prompt")
        await until(lambda: page.printed == b"prompt")
        assert termios.tcgetwinsize(seat.theirs) == (24, 80)
        seat.terminal.resize(100, 30)
        assert termios.tcgetwinsize(seat.theirs) == (30, 100)

    asyncio.run(scenario())


def test_who_draws_nothing_has_the_right_size_soon() -> None:
    async def scenario() -> None:
        seat = Seat(is_kept=True)
        seat.terminal.show(Page(), "", 0)
        seat.terminal.resize(90, 40)
        await until(lambda: termios.tcgetwinsize(seat.theirs) == (40, 90))

    asyncio.run(scenario())


def test_only_our_end_of_a_terminal_is_taken_for_one(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    reading, writing = os.pipe()
    file = os.open(tmp_path, os.O_RDONLY)
    assert [is_terminal(each) for each in (ours, theirs, reading, writing, file)] == [True, False, False, False, False]
    for each in (ours, theirs, reading, writing, file):
        os.close(each)
