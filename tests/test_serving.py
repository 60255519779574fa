"""What the judges of servers share: lines, answers, errors; who is left of an earlier try; what a check leaves."""

import contextlib
import json
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checks.exercises import local_socket
from checks.judging import examine
from checks.judging.answers import first_fault
from checks.judging.client import occupant
from checks.judging.crowd import LISTEN, Crowd, Event, Visit
from checks.judging.result import Result, verdict
from checks.judging.seat import Seat
from checks.judging.seen import Seen
from checks.judging.serving import Served, error_of, type_of
from checks.judging.unusual import FOREIGN, LONG, about_unusual
from checks.judging.unusual import HALF as HALF_A_LINE
from lab.student.seed import values_of
from lab.trace import record
from lab.trace.history import document
from tests.observed import surroundings
from tests.solutions import Case, solutions

SOCKETS = {
    "local-socket": "echo.sock",
    "timeout": "timeout.sock",
    "multiplex": "multiplex.sock",
    "chat-room": "chat-room.sock",
}


@pytest.fixture
def seat() -> Iterator[Seat]:
    with tempfile.TemporaryDirectory(prefix="ex") as home, surroundings():  # a short path: it holds a socket
        (Path(home) / "work").mkdir()
        yield Seat("learner", Path(home))


def hand_in(seat: Seat, slug: str) -> None:
    """Put the reference there."""
    [path] = solutions(slug, "reference.py")
    (seat.work / f"{slug}.py").write_text(Case(slug, path).solution, encoding="utf-8")


def listening(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(0)
    return listener


def checked(seat: Seat, slug: str) -> list[Result]:
    values = values_of(slug, "seat0")
    return examine.judge(slug, examine.observe(slug, seat, values), values)


@pytest.mark.parametrize("slug", SOCKETS)
def test_a_server_of_an_earlier_try_is_told_of_and_keeps_its_socket(slug: str, seat: Seat) -> None:
    hand_in(seat, slug)
    path = seat.work / SOCKETS[slug]
    with listening(path):
        before = path.stat().st_ino
        [failed] = [result for result in checked(seat, slug) if result["passed"] is False]
        assert failed["data"]["mistake"] == "occupied"
        assert path.stat().st_ino == before
        assert occupant(path) is not None


def test_who_never_accepts_listens_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with listening(path), contextlib.ExitStack() as ends:
        pids = []
        for _ in range(3):  # more than its queue holds
            pids.append(occupant(path))
            end = ends.enter_context(socket.socket(socket.AF_UNIX))
            end.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                end.connect(str(path))
        assert None not in pids
        assert 0 in pids
    assert occupant(path) is None


def test_an_interrupt_leaves_nothing_of_the_check_behind(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    path = seat.work / SOCKETS["local-socket"]
    seen: list[str | None] = []

    def interrupt(*_: object) -> bool:
        seen.append(type_of(path))
        raise KeyboardInterrupt

    for kind, put in (("-", local_socket.put_file), ("l", local_socket.put_link)):
        hand_in(seat, "local-socket")
        monkeypatch.setattr(local_socket, "start_over", interrupt)
        monkeypatch.setattr(local_socket, "put_file", put)
        with pytest.raises(KeyboardInterrupt):
            local_socket.in_its_way(seat, path, {})
        assert seen[-1] == kind
        assert type_of(path) is None


@pytest.mark.parametrize("put", [local_socket.put_file, local_socket.put_link])
def test_what_a_killed_check_has_left_is_not_held_against_the_next(seat: Seat, put: Callable[[Path], None]) -> None:
    hand_in(seat, "local-socket")
    put(seat.work / "echo.sock")
    assert verdict(checked(seat, "local-socket")) is True
    assert type_of(seat.work / "echo.sock") is None


def test_somebody_elses_file_is_left_where_it_is(seat: Seat) -> None:
    hand_in(seat, "local-socket")
    (seat.work / "echo.sock").write_text("mine")
    [failed] = [result for result in checked(seat, "local-socket") if result["passed"] is False]
    assert failed["data"]["mistake"] == "in-the-way"
    assert (seat.work / "echo.sock").read_text() == "mine"


def test_a_line_is_heard_when_its_end_has_come(tmp_path: Path) -> None:
    with listening(tmp_path / "s") as listener:
        crowd = Crowd(tmp_path / "s")
        guest = crowd.enter("tom")
        assert guest
        server, _ = listener.accept()
        with server:
            guest.begin("半个字".encode()[:4])
            assert not guest.is_read
            server.recv(100)
            assert guest.is_read
            guest.end_line("半个字".encode()[4:])
            server.sendall(b"one\ntwo\nthr")
            assert crowd.until(lambda: len(guest.heard) == 2, 5)
            crowd.rest(LISTEN)
            assert guest.heard == ["one", "two"]
            assert not guest.is_answered or len(guest.heard) >= 1
        assert crowd.until(lambda: not guest.is_open, 5)
    [seen] = crowd.evidence()["guests"]
    assert [kind for _, kind, _ in seen["events"]] == ["enter", "begin", "say", "hear", "hear", "part", "dropped"]


def visit(*events: tuple[str, str]) -> Visit:
    """Return a visit, an event each 0.1 s."""
    found: list[Event] = [(0.0, "enter", "")]
    found += [(round(0.1 * number, 1), kind, text) for number, (kind, text) in enumerate(events, 1)]
    return Visit("tom", tuple(found))


SAID, ANSWERED = ("say", "hello"), ("hear", "yes")
TWO, HALF, REST = ("say", "one\ntwo"), ("begin", "one half and "), ("say", "the other")


@pytest.mark.parametrize(
    ("events", "kind"),
    [
        ([SAID, ANSWERED, ("leave", "")], None),
        ([TWO, ANSWERED, ANSWERED, HALF, REST, ANSWERED], None),
        ([SAID, ANSWERED, ("hear", "bye"), ("dropped", "")], None),
        ([SAID], "unanswered"),
        ([SAID, ("dropped", "")], "unanswered"),
        ([SAID, ANSWERED, ("dropped", "")], "dropped"),
        ([SAID, ("hear", "no")], "wrong"),
        ([SAID, ANSWERED, ("hear", "")], "blank"),
        ([SAID, ("hear", ""), ANSWERED], "blank"),
        ([ANSWERED, ("leave", "")], "unasked"),
        ([SAID, ANSWERED, ANSWERED, SAID], "unasked"),
        ([TWO, ANSWERED, ("leave", "")], "together"),
        ([TWO, ANSWERED, ("hear", "two")], "together"),
        ([SAID, ANSWERED, HALF, ANSWERED, REST, ANSWERED], "half"),
        ([SAID, ANSWERED, HALF, REST, ("hear", "no")], "half"),
        ([SAID, ("part", "yes"), ("leave", "")], "no-newline"),
        ([SAID, ANSWERED, HALF, ("part", "yes")], "half"),
    ],
)
def test_the_first_fault_of_a_visit_has_its_name(events: list[tuple[str, str]], kind: str | None) -> None:
    fault = first_fault(visit(*events), lambda answer, _: answer == "yes")
    assert (fault.kind if fault else None) == kind


def test_who_is_dropped_within_a_line_is_not_said_to_have_been_answered() -> None:
    fault = first_fault(visit(SAID, ANSWERED, HALF, ("dropped", "")), lambda answer, _: answer == "yes")
    assert fault
    assert (fault.kind, fault.line.text, fault.line.is_open) == ("dropped", HALF[1], True)
    assert fault.line.silence == pytest.approx(0.1)


LONG_LINE, FOREIGN_LINE, SILENT_LINE = ("say", LONG), ("say", FOREIGN), ("begin", HALF_A_LINE)


@pytest.mark.parametrize(
    ("events", "mistake"),
    [
        ([SAID, ANSWERED, LONG_LINE, ANSWERED, ("hear", "yes"), ("leave", "")], "long-line"),
        ([SAID, ANSWERED, LONG_LINE], "long-line"),
        ([SAID, ANSWERED, LONG_LINE, ("part", LONG[:255]), ("leave", "")], "long-line"),
        ([SAID, ANSWERED, LONG_LINE, ANSWERED, ("dropped", "")], None),  # not because it was long
        ([SAID, ANSWERED, FOREIGN_LINE, ("dropped", "")], "not-ascii"),
        ([FOREIGN_LINE], None),  # who answers nothing
        ([SAID, ANSWERED, SILENT_LINE, ANSWERED, REST, ANSWERED], "silence"),
        ([SAID, ANSWERED, SILENT_LINE, REST], "silence"),
        ([SAID, ANSWERED, SILENT_LINE, ("dropped", "")], "silence"),
        ([SAID, ANSWERED, SILENT_LINE, REST, ANSWERED, ANSWERED], None),  # not because of the silence
        ([SAID, ANSWERED, HALF, REST], None),
    ],
)
def test_only_what_comes_of_an_unusual_line_is_said_to(events: list[tuple[str, str]], mistake: str | None) -> None:
    fault = first_fault(visit(*events), lambda answer, _: answer == "yes")
    assert fault
    trace = json.loads(record(["sleep", "0.2"]).to_json())
    served = Served({"traces": [trace], "guests": [], "ended": False, "end": 0.1}, "s")
    found = about_unusual(served, fault)
    assert (found.key if found else None) == mistake


TRACEBACK = 'Traceback (most recent call last):\n  File "{0}", line {1}, in <module>\n    serve()\n{2}\n'


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ("", ""),
        ("Errors: 0\nlistening on 1: all is well\n", ""),
        (TRACEBACK.format("/home/x/work/prog.py", 7, "TypeError: no"), ": line 7: TypeError: no"),
        (TRACEBACK.format("/home/x/work/prog.py", 7, "BrokenPipeError: [Errno 32] Broken pipe"), ""),
        (
            TRACEBACK.format("prog.py", 7, "ConnectionResetError: [Errno 104] Connection reset by peer")
            + TRACEBACK.format("prog.py", 9, "KeyError: 'a'"),
            ": line 9: KeyError: 'a'",
        ),
        (
            "what now at ./prog line 3, <GEN1> line 1.\nlater at ./prog line 9.\n",
            ": what now at ./prog line 3, <GEN1> line 1.",
        ),
        ("2026/01/01 10:00:00 socat[12] W exiting on signal 15\n", ""),
        ("2026/01/01 10:00:00 socat[12] E bind(): Address already in use\n", None),
        ("./prog: line 4: nosuch: command not found\n", ": ./prog: line 4: nosuch: command not found"),
    ],
)
def test_the_error_that_is_quoted_is_the_first_that_we_have_not_caused(
    told: str, error: str | None, tmp_path: Path
) -> None:
    (tmp_path / "prog.py").write_text(f"import sys; sys.stderr.write({told!r})")
    trace = record([sys.executable, "prog.py"], cwd=tmp_path)
    found = error_of(Seen.of({"traces": [document(trace)]}))
    assert found == error if error is not None else "Address already in use" in found


def test_a_client_waits_for_a_server_that_is_slow_to_listen(tmp_path: Path) -> None:
    crowd, path = Crowd(tmp_path / "s"), tmp_path / "s"
    opened: list[socket.socket] = []
    late = threading.Timer(0.3, lambda: opened.append(listening(path)))
    late.start()
    assert crowd.enter("tom")
    late.join()
    opened[0].close()
    assert crowd.enter("mary") is None
    assert crowd.refused == "ECONNREFUSED"
