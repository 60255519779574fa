"""Promises of the demos of states: the letters, the marks beside them, and niceness over time."""

import re

from checks.demos.promises import PAUSE, Seen, watched
from checks.judging.spans import at
from checks.lab.place import Place

TERMINAL = ("python3", "-P", "-c", "import os, pty, sys\nsys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))")


def letters(seen: Seen) -> dict[str, int]:
    """Return the pids that the demo prints, by the letter or the name before them."""
    found = (re.fullmatch(r"(?P<name>\S+)(?: \w+)? pid=(?P<pid>\d+)", line) for line in seen.said)
    return {match["name"]: int(match["pid"]) for match in found if match and match["name"] != "ready"}


def five_states(seat: Place) -> None:
    """On one CPU a child is ready (R), one blocked (S) and one ended (Z) while the parent runs."""
    with watched(seat, "five_states") as seen:
        ready, blocked, ended = seen.only_children(3)
        seen.shows(ready, "R", "it always has something to do")
        seen.shows(blocked, "S", "it waits for a signal")
        seen.shows(ended, "Z", "it has ended, and nobody has waited for it")
        seen.same("the pids of R, S and Z", letters(seen), {"R": seen.root.pid, "S": blocked.pid, "Z": ended.pid})
        for state in "R created", "R ready":
            seen.prints(rf"{state} pid={ready.pid}", "a process is created, and then ready")


def stat_letters(seat: Place) -> None:
    """A child each is R, S, D, T and Z, all at the same time."""
    with watched(seat, "stat_letters") as seen:
        children = dict(zip("RSDTZ", seen.only_children(5), strict=True))
        seen.shows(children["R"], "R", "it loops")
        seen.shows(children["S"], "S", "it waits for a signal")
        seen.shows(children["D"], "D", "it waits for a vfork child")
        seen.shows(children["T"], "T", "it has got SIGSTOP")
        seen.shows(children["Z"], "Z", "it has ended, and nobody has waited for it")
        seen.same("the pids of the letters", letters(seen), {letter: child.pid for letter, child in children.items()})


def stat_modifiers(seat: Place) -> None:
    """At a terminal ps marks a child each with N, s, l and +, and with < and L or the kernel has said why not."""
    look = f"{PAUSE}; ps -ww -eo pid=,stat="
    with watched(seat, "stat_modifiers", look=look, within=TERMINAL) as seen:
        children = dict(zip("<NLsl+", seen.only_children(6), strict=True))
        stat = dict(line.split() for line in seen.looked)
        for mark, child in children.items():
            said = seen.prints(
                rf"{re.escape(mark)} (- )?pid={child.pid} marks=\S* (?P<answer>.+)", f"{mark} has a child"
            )
            refused = said["answer"] != "Success"
            if mark not in stat[str(child.pid)] and not (refused and mark in "<L"):
                raise seen.wrong(
                    f"ps does not mark {seen.who(child)} with {mark}",
                    expected=mark,
                    actual=f"{stat[str(child.pid)]}; it prints: {said[0]}",
                )
        seen.has_threads(children["l"], 2)


def uninterruptible(seat: Place) -> None:
    """A child is D while the grandchild that it has vforked waits for a FIFO; both end when somebody opens it."""
    with watched(seat, "uninterruptible") as seen:
        child = seen.only_child()
        seen.shows(child, "D", "vfork waits without being interruptible")
        for grandchild in seen.trace.children(child):
            seen.shows(grandchild, "S", "it waits for somebody to write into the FIFO")
        if not seen.trace.children(child):
            raise seen.wrong(f"{seen.who(child)} has no child that it could wait for", expected=1, actual=0)


def nice(seat: Place) -> None:
    """A loop runs on and on (R) at niceness 9."""
    with watched(seat, "nice") as seen:
        seen.is_alone()
        seen.shows(seen.root, "R", "it loops")
        niceness(seen, 9)


def niceness(seen: Seen, wanted: int) -> None:
    """See the demo's own niceness at the moment of the look."""
    found = at(seen.root.niceness, seen.moment)
    if found != wanted:
        raise seen.wrong(f"{seen.who(seen.root)} ran at niceness {found}, not {wanted}", expected=wanted, actual=found)


def renice(seat: Place) -> None:
    """A running loop has niceness 5 for half a second and 12 from then on; the way back is refused, or taken again."""
    with watched(seat, "renice", until="renice 5:") as seen:
        child = seen.only_child()
        seen.shows(child, "R", "it loops")
        values = [span.value for span in child.niceness]
        if at(child.niceness, seen.moment) != 12 or 5 not in values:
            raise seen.wrong(
                f"{seen.who(child)} did not go from niceness 5 to 12",
                expected="5 -> 12",
                actual=" -> ".join(map(str, values)),
            )
        before = max(span.seconds for span in child.niceness if span.value == 5)
        if before < 0.5 - seen.unseen:
            raise seen.wrong(f"{seen.who(child)} had niceness 5 for only {before:.2f} s", expected=0.5, actual=before)
        back = seen.prints(r"renice 5: (?P<answer>.*); ni=(?P<now>\d+)", "the way back is tried")
        if back["now"] != ("5" if back["answer"] == "ok" else "12"):
            raise seen.wrong("the way back is not as the kernel answered", actual=back[0])
