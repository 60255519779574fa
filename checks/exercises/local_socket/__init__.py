"""Exercise 2: a server on a socket file, for one client after the other, over a stale file but over nothing else."""

import contextlib
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

from checks.exercises.local_socket.post import LEAVE_ALONE, SOCKET, Post
from checks.judging.client import START
from checks.judging.crowd import LISTEN, Crowd, Guest
from checks.judging.reach import within_reach
from checks.judging.result import Check, Result, in_turn
from checks.judging.seat import Evidence, Running, Seat
from checks.judging.serving import clear, occupied, serving, type_of
from checks.judging.unusual import falls_silent, say_unusual
from lab import proc
from lab.language import tr
from lab.student.seed import Values

SLUG = "local-socket"
ANSWER = 2.0  # seconds for an answer: a deadline for one that never comes
PRECIOUS = "not a socket: put here by lab check\n"
NOWHERE = "put-here-by-lab-check"  # where a link leads


def observe(seat: Seat, values: Values) -> Evidence:
    """Start the server with nothing in its way, a second time beside it, and with a stale socket and other files."""
    if found := occupied(seat, SLUG, SOCKET):
        return found
    path = seat.work / SOCKET
    with seat.as_student():
        remove_own(path)
    if type_of(path) not in ("s", None):
        return {"traces": [], "guests": [], "in_the_way": type_of(path)}
    scenes: dict[str, Evidence] = {}
    try:
        for scene in (fresh, stale, in_its_way):
            if not scene(seat, path, scenes):
                break
    finally:
        clear(seat, path)
    traces = [found.pop("traces")[0] for found in scenes.values()]
    for number, name in enumerate(scenes):
        scenes[name]["trace"] = number
    return {"traces": traces, "late": max(found["late"] for found in scenes.values()), "scenes": scenes}


def remove_own(path: Path) -> None:
    """Remove what an earlier check has put in the server's way, should it have been killed before it could."""
    with contextlib.suppress(OSError):
        is_ours = path.is_symlink() and os.readlink(path) == NOWHERE  # noqa: PTH115 (a Path would be another string)
        if is_ours or (type_of(path) == "-" and path.read_bytes() == PRECIOUS.encode()):
            path.unlink()


def fresh(seat: Seat, path: Path, scenes: dict[str, Evidence]) -> bool:
    """Let two clients come, one after the other, then start the server once more beside it, and let a third come."""
    clear(seat, path)
    scenes["fresh"] = {}  # the first that is shown
    with serving(seat, SLUG, path, seconds=60) as served:
        crowd = served.crowd
        if is_good := first_client(crowd) and second_and_last(crowd):
            scenes["twin"] = beside(seat, path)
            client(crowd, "third")
    scenes["fresh"] = served.evidence | {"in_the_way": None}
    return is_good


def first_client(crowd: Crowd) -> bool:
    """Say what is out of the ordinary as well: lines in one go, in parts, with the next one's beginning or a silence.

    The last part of a line is its newline alone: who has lost the others has nothing to answer.
    """
    if not (guest := crowd.enter("first")):
        return False
    crowd.rest(LISTEN)  # who greets does it now
    is_good = all(say(crowd, guest, text) for text in ("hello", "hello again", "one\ntwo"))
    if is_good := is_good and say_unusual(crowd, guest, ANSWER):
        crowd.say_in_parts(guest, b"one part, ", b"and the last", b"")
        is_good = is_answered(crowd, guest) and goes_on(crowd, guest)
    if is_good:
        falls_silent(crowd, guest)
        guest.end_line(b"")
        is_good = is_answered(crowd, guest)
    guest.leave()
    return is_good


def goes_on(crowd: Crowd, guest: Guest) -> bool:
    """Say a line and half of the next in one go, and its rest once the first is answered; tell whether both are."""
    guest.say_and_begin("three", "four")
    if not is_answered(crowd, guest):
        return False
    guest.end_line(b"")
    return is_answered(crowd, guest)


def client(crowd: Crowd, name: str) -> bool:
    """Come, say a thing, and leave; tell whether it was answered."""
    if not (guest := crowd.enter(name)):
        return False
    is_good = say(crowd, guest, "hello")
    guest.leave()
    return is_good


def second_and_last(crowd: Crowd) -> bool:
    """Let a second come, and behind it one that says a thing as `echo hello | socat` does; tell whether both are good.

    Who serves one after the other finds what that has said, and that it says no more, at once: always, not by chance.
    """
    if not (guest := crowd.enter("second")):
        return False
    brief = crowd.enter("brief") if say(crowd, guest, "hello") else None
    if brief:
        brief.say_last("hello")
    guest.leave()
    if not brief:
        return False
    is_good = crowd.until(lambda: brief.is_answered, ANSWER) and bool(brief.heard)
    brief.leave()
    return is_good


def say(crowd: Crowd, guest: Guest, text: str) -> bool:
    """Say something, and tell whether each line of it is answered."""
    guest.say(text)
    return is_answered(crowd, guest, text.count("\n") + 1)


def is_answered(crowd: Crowd, guest: Guest, lines: int = 1) -> bool:
    """Wait until there are as many answers as there were lines; tell whether the server has not hung up."""
    came = crowd.until(lambda: guest.is_answered, ANSWER * lines)
    crowd.rest(LISTEN if came else 0)  # who says more than was asked for does it now
    return came and guest.is_open


def beside(seat: Seat, path: Path) -> Evidence:
    """Start the server a second time, while the first is alive."""
    before = identity(path)
    return start_over(seat, path, lambda: identity(path) == before)


def identity(path: Path) -> tuple[int, int] | None:
    """Return which file it is, None if there is none."""
    with contextlib.suppress(OSError):
        status = path.lstat()
        return status.st_dev, status.st_ino
    return None


def stale(seat: Seat, path: Path, scenes: dict[str, Evidence]) -> bool:
    """Start it where a socket file is that nobody listens on."""
    with seat.as_student():
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as end, within_reach(path) as near:
            end.bind(near)
    with serving(seat, SLUG, path, seconds=20) as served:
        is_good = client(served.crowd, "visitor")
    scenes["stale"] = served.evidence | {"in_the_way": None}
    return is_good


def in_its_way(seat: Seat, path: Path, scenes: dict[str, Evidence]) -> bool:
    """Start it where something that is no socket has the name."""
    for name, put in (("file", put_file), ("fifo", os.mkfifo), ("link", put_link)):
        with seat.as_student():
            path.unlink(missing_ok=True)
            put(path)
        before = look_at(seat, path)
        try:
            scenes[name] = start_over(seat, path, lambda before=before: look_at(seat, path) == before)  # type: ignore[misc]
        finally:
            with seat.as_student():
                path.unlink(missing_ok=True)
        if not (scenes[name]["left_alone"] and scenes[name]["ended"]):
            return False
    return True


def put_file(path: Path) -> None:
    """Put a regular file there."""
    path.write_text(PRECIOUS, encoding="utf-8")


def put_link(path: Path) -> None:
    """Put a link there that leads nowhere."""
    path.symlink_to(NOWHERE)


def look_at(seat: Seat, path: Path) -> list[object]:
    """Return all that must stay as it is of a file."""
    found: list[object] = [identity(path), type_of(path)]
    with contextlib.suppress(OSError):
        if found[1] == "-":
            found.append(path.read_bytes()[:1000])
    return found


def start_over(seat: Seat, path: Path, is_intact: Callable[[], bool]) -> Evidence:
    """Start the server where the name is taken, until it ends, or sleeps for long; see whether all stays as it is."""
    with seat.started(SLUG, seconds=30) as running:
        slept_since = began = time.monotonic()
        while not running.ended and is_intact():
            now = time.monotonic()
            if not is_asleep(running):  # on a busy machine it may not have come so far yet
                slept_since = now
            if now > min(slept_since + LEAVE_ALONE, began + START + LEAVE_ALONE):
                break
            time.sleep(0.02)
        ended = running.ended
    return {"left_alone": is_intact(), "type": type_of(path), "ended": ended} | running.evidence()


def is_asleep(running: Running) -> bool:
    """Tell whether the program was started, and none of it runs or may run."""
    stats = [stat for stat in map(proc.read_stat, proc.pids()) if stat and stat.pgid == running.pid]
    return bool(stats) and all(stat.state != "R" for stat in stats)


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say what the clients saw, and what became of the files."""
    post = Post(evidence, values)
    return in_turn(
        Check("listens", tr("it listens on a socket file"), post.listens),
        Check("answers", tr("it answers each message"), post.answers),
        Check("lines", tr("a message is a line, in however many pieces, and so is an answer"), post.lines),
        Check("next-client", tr("it serves the next client"), post.next_client),
        Check("lives", tr("it runs until it is ended"), post.lives),
        Check("stale", tr("it starts over a stale socket file"), post.stale),
        Check("alive", tr("it leaves the socket of a live server alone"), post.leaves_the_living),
        Check("leaves-alone", tr("it leaves a file that is no socket alone"), post.leaves_alone),
        Check("values", tr("the answer is: {answer}", answer=values["answer"]), post.has_values),
    )
