"""Promises of the demos of threads and of I/O: who shares, who sleeps until something comes, and who does not."""

import re

from checks.demos.promises import PAUSE, ran, watched
from checks.demos.promises_files import ANSWER, TWO_CLIENTS, is_socket
from checks.lab.place import Place


def process_and_thread(seat: Place) -> None:
    """The demo has three threads, which share its `a`; its child has one, and an `a` of its own."""
    with watched(seat, "process_and_thread") as seen:
        child = seen.only_child()
        seen.has_threads(seen.root, 3)
        seen.has_threads(child, 1)
        seen.prints(rf"process pid={child.pid}: a=1, here a=0", "a child process has its own `a`")
        seen.prints(r"threads tid=\[\d+, \d+\]: here a=2", "two threads share one `a`")


def blocking_io(seat: Place) -> None:
    """A child sleeps in recv, with nothing to read, until its parent sends something."""
    with watched(seat, "blocking_io") as seen:
        child = seen.only_child()
        seen.shows(child, "S", "recv sleeps until something comes")
        seen.slept(child, 0.2, "recv sleeps until something comes")
        seen.prints(r"recv=b'hello' waited=\d+\.\d", "in the end the child receives what it waited for")
        seen.no_zombie()


def nonblocking_io(seat: Place) -> None:
    """While the child works, the parent asks, is told `not yet`, and works on, again and again."""
    seen = ran(seat, "nonblocking_io")
    child = seen.only_child()
    seen.slept(child, 0.5, "it works before it sends")
    refusals = [line for line in seen.said if line.startswith("recv: ")]
    if len(refusals) < 2:
        raise seen.wrong(
            "recv never said `not yet`: it has waited",
            expected="recv: Resource temporarily unavailable, several times",
            actual="\n".join(seen.said),
            advice="setblocking(False) lets recv answer at once",
        )
    seen.prints("recv=b'hello'", "in the end there is something to receive")
    seen.no_zombie()


def timeout_io(seat: Place) -> None:
    """One process sleeps for 0.3 s in recv, gives up, and receives at once what is sent then."""
    seen = ran(seat, "timeout_io")
    seen.is_alone()
    seen.slept(seen.root, 0.3, "recv waits as long as its limit")
    waited = [re.fullmatch(r"recv=(.*) waited=([\d.]+)", line) for line in seen.said]
    answers = [(line[1], float(line[2])) for line in waited if line]
    if [answer for answer, _ in answers] != ["timed out", "b'hello'"] or answers[1][1] >= answers[0][1]:
        raise seen.wrong(
            "recv did not first give up and then receive at once",
            expected="timed out after 0.3 s, then b'hello'",
            actual="\n".join(seen.said),
        )


def multiplexed_io(seat: Place) -> None:
    """One process with one thread sleeps until somebody speaks, and answers a second client beside the first."""
    look = f'{PAUSE}; ls -l "$TMPDIR"; {TWO_CLIENTS} "$TMPDIR/multiplexed.sock" 2'
    with watched(seat, "multiplexed_io", look=look) as seen:
        seen.is_alone()
        seen.has_threads(seen.root, 1)
        seen.shows(seen.root, "S", "select sleeps until there is something to do")
        is_socket(seen, "multiplexed.sock")
        if seen.looked[-2:] != [f"first: {ANSWER}", f"second: {ANSWER}"]:
            raise seen.wrong(
                "a second client was not answered while the first was there",
                expected=f"first: {ANSWER}, second: {ANSWER}",
                actual=", ".join(seen.looked[-2:]),
            )
