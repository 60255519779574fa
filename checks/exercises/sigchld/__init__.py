"""Exercise 11: children whose ends are told by one signal, all reaped by its handler, while the parent works on."""

import re
import signal
from pathlib import Path

from checks.exercises.sigchld.children import end_by_themselves, together
from checks.exercises.sigchld.handling import has_handler
from checks.exercises.sigchld.printed import TWO_NUMBERS, is_printed
from checks.exercises.sigchld.reaping import ZOMBIE, are_reaped
from checks.exercises.sigchld.work import has_values, works
from checks.judging import ticks
from checks.judging.heard import lines
from checks.judging.result import Check, Result, results
from checks.judging.seat import Evidence, Running, Seat
from checks.judging.seen import Seen
from lab.language import tr, tr_as
from lab.student.seed import Values


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program on a terminal, and note when it prints, and what it does with SIGCHLD."""
    known: list[list[float | str]] = []
    blocked = set()

    def look(running: Running) -> None:
        if not (masks := masks_of(running.pid)):
            return
        what = "ignored" if has(masks, "SigIgn") else "caught" if has(masks, "SigCgt") else "default"
        if not known or known[-1][1] != what:
            known.append([running.moment(), what])
        blocked.add(has(masks, "SigBlk"))

    return ticks.run(seat, "sigchld", look, pattern=TWO_NUMBERS) | {"sigchld": known, "blocked": True in blocked}


def masks_of(pid: int | None) -> dict[str, str]:
    """Return the sets of signals in /proc/PID/status, such as SigBlk; none of one that is not there."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(errors="replace")
    except OSError:
        return {}
    return dict(re.findall(r"^(Sig\w+):\s*([0-9a-f]+)$", status, re.MULTILINE))


def has(masks: dict[str, str], name: str) -> bool:
    """Tell whether SIGCHLD is in a set of signals."""
    return bool(int(masks.get(name, "0"), 16) >> (signal.SIGCHLD - 1) & 1)


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say what became of the children, and of the parent's work."""
    seen = Seen.of(evidence)
    return results(
        Check("ran", tr("the program runs to its end"), seen.ran),
        Check("handler", tr("SIGCHLD has a handler"), lambda: has_handler(seen, evidence), after="ran"),
        Check(
            "together",
            tr("several children have ended when the signal comes"),
            lambda: together(seen, evidence),
            after="handler",
        ),
        Check("ends", tr_as("all", "each child ends by itself"), lambda: end_by_themselves(seen), after="together"),
        Check(
            "reaped", tr("none is a zombie for over {zombie} s", zombie=ZOMBIE), lambda: are_reaped(seen), after="ends"
        ),
        Check(
            "printed",
            tr("the statuses printed are the kernel's"),
            lambda: is_printed(seen, lines(evidence)),
            after="reaped",
        ),
        Check("works", tr("the parent works on"), lambda: works(seen, evidence), after="reaped"),
        Check(
            "values",
            tr("{count} children, statuses {codes}, {work} s of work", **values),
            lambda: has_values(seen, values),
            after="reaped",
        ),
    )
