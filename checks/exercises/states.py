"""Exercise 13, live: three processes of given names, in R, S and T."""

from functools import partial

from checks.judging.called import SHELLS
from checks.judging.live import look
from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen
from lab.exercises.states.values import NAMES
from lab.language import tr
from lab.student.seed import Values
from lab.trace import History
from lab.trace.timeline import command_line

WANTED = {"running": "R", "sleeping": "S", "stopped": "T"}


def observe(seat: Seat, values: Values) -> Evidence:
    """Look at the seat's processes."""
    return look(seat)


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say in which state each was."""
    seen = Seen.of(evidence)
    there = tr("the three processes are there")
    checks = [Check("there", there, lambda: are_there(seen, values))]
    for which, letter in WANTED.items():
        description = tr("{values} is {letter} all the time", values=values[which], letter=letter)
        checks.append(Check(which, description, partial(is_in_state, seen, values, which), after="there"))
    return results(*checks)


def are_there(seen: Seen, values: Values) -> None:
    """Find each process by its name."""
    missing = [str(values[which]) for which in WANTED if not seen.named(str(values[which]))]
    if not missing:
        return
    names = ", ".join(missing)
    strangers = others_in_the_states(seen, values)
    if strangers:
        raise seen.other_values(
            tr("others than yours are in R and T: {strangers}", strangers=strangers),
            values["number"],
            compared=(names, strangers),
        )
    if early := next((h for h in seen.trace.processes if h.command.comm in SHELLS and seen.is_steadily(h, "T")), None):
        raise stopped_too_soon(seen, names, early)
    raise seen.not_there(
        names, tr("the name is what ps shows in COMMAND: (exec -a NAME PROGRAM) & gives it, or a script of that name")
    )


def stopped_too_soon(seen: Seen, names: str, early: History) -> Mistake:
    """Return the mistake of a process that was stopped before it had its name."""
    return seen.mistake(
        "stopped-too-soon",
        tr(
            "no process is called {names}; but process {pid} is stopped (T), and is still the shell",
            names=names,
            pid=early.pid,
        ),
        advice=tr(
            "it was stopped before exec gave it its name: kill -CONT {pid}, and a moment later kill -STOP",
            pid=early.pid,
        ),
        compared=(names, early.command.comm),
    )


def others_in_the_states(seen: Seen, values: Values) -> str:
    """Return who else is in R and in T, "" if not both are held by others: a shell sleeps in every seat."""
    found = []
    for which in ("running", "stopped"):
        steady = (history for history in seen.trace.processes if seen.is_steadily(history, WANTED[which]))
        holders = seen.of_a_seat(steady, NAMES)
        if not holders or any(history in seen.named(str(values[which])) for history in holders):
            return ""
        found.append(command_line(holders[0].command))
    return ", ".join(found)


def is_in_state(seen: Seen, values: Values, which: str) -> None:
    """See one of the three in its state."""
    name, letter = str(values[which]), WANTED[which]
    candidates = seen.named(name)
    if not any(seen.is_steadily(history, letter) for history in candidates):
        history = max(candidates, key=lambda candidate: seen.in_state(candidate, letter))
        raise wrong_state(seen, values, history, name, letter)


def wrong_state(seen: Seen, values: Values, history: History, name: str, letter: str) -> Mistake:
    """Return the mistake of a process in another state: swapped names have a hint of their own."""
    other = swapped_with(seen, values, history, letter)
    is_stopped = seen.in_state(history, "T") > seen.trace.seconds / 2
    shares, seconds = seen.shares(history), f"{seen.trace.seconds:.1f}"
    return seen.mistake(
        "swapped" if other else f"not-{letter}",
        tr(
            "{name} (pid {pid}) was not {letter} all of the {seconds} s: {shares}",
            name=name,
            pid=history.pid,
            letter=letter,
            seconds=seconds,
            shares=shares,
        ),
        advice=tr("{name} and {meant} are swapped", name=name, meant=other) if other else about(letter, is_stopped),
        compared=(tr("{letter} for {seconds} s", letter=letter, seconds=seconds), shares),
    )


def swapped_with(seen: Seen, values: Values, history: History, letter: str) -> str:
    """Return the name that a process should have by its state, if a process of that name is in this one's; else ""."""
    was = max((seen.in_state(history, span.value), span.value) for span in history.states)[1]
    meant = next((str(values[which]) for which, wanted in WANTED.items() if wanted == was), "")
    is_in_its_state = bool(meant) and any(seen.is_steadily(other, letter) for other in seen.named(meant))
    return meant if is_in_its_state else ""


def about(letter: str, is_stopped: bool) -> str:
    """Return what keeps a process in a state; it may be stopped, and is not to be."""
    if is_stopped and letter != "T":
        return tr("it is stopped: kill -CONT and its pid let it go on, or bg")
    return {
        "R": tr("only an endless loop is always R: what does it wait for?"),
        "S": tr("to be S it must wait: for a clock (sleep), for a key"),
        "T": tr("stop it: Ctrl-Z, or kill -STOP and its pid"),
    }[letter]
