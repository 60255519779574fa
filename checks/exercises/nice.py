"""Exercise 15, live: an endless loop at a given niceness."""

from checks.judging.live import look
from checks.judging.result import Check, Mistake, Result, in_turn
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen
from lab.exercises.nice.values import NAMES
from lab.language import tr
from lab.student.seed import Values
from lab.trace import History
from lab.trace.timeline import command_line


def observe(seat: Seat, values: Values) -> Evidence:
    """Look at the seat's processes."""
    return look(seat)


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say at which niceness the loop ran."""
    seen = Seen.of(evidence)
    name, niceness = values["name"], values["niceness"]
    return in_turn(
        Check("there", tr("{name} is there", name=name), lambda: is_there(seen, values)),
        Check("loops", tr("{name} is R all the time", name=name), lambda: loops(seen, values)),
        Check("nice", tr("its niceness is {niceness}", niceness=niceness), lambda: is_nice(seen, values)),
    )


def niceness(history: History) -> int:
    """Return the niceness that a process has now."""
    return history.niceness[-1].value


def is_there(seen: Seen, values: Values) -> None:
    """Find the loop by its name."""
    name = str(values["name"])
    if seen.named(name):
        return
    nice = (history for history in seen.trace.processes if seen.is_steadily(history, "R") and niceness(history) > 0)
    strangers = seen.of_a_seat(nice, NAMES)
    if strangers:
        actual = f"{command_line(strangers[0].command)}, NI {niceness(strangers[0])}"
        raise seen.other_values(
            tr("another loop than yours gives way: {actual}", actual=actual),
            values["number"],
            compared=(f"{name}, NI {values['niceness']}", actual),
        )
    raise seen.not_there(
        name, tr("the name is what ps shows in COMMAND: write a script ~/work/{name}, and start ./{name} &", name=name)
    )


def loops(seen: Seen, values: Values) -> list[History]:
    """Return the processes of the name that compute."""
    found = seen.named(str(values["name"]))
    looping = [history for history in found if seen.is_steadily(history, "R")]
    if looping:
        return looping
    raise no_loop(seen, values["name"], max(found, key=lambda history: seen.in_state(history, "R")))


def no_loop(seen: Seen, name: object, loop: History) -> Mistake:
    """Return the mistake of a process that does not compute all the time."""
    shares, seconds = seen.shares(loop), f"{seen.trace.seconds:.1f}"
    return seen.mistake(
        "no-loop",
        tr(
            "{name} (pid {pid}) was not R all of the {seconds} s: {shares}",
            name=name,
            pid=loop.pid,
            seconds=seconds,
            shares=shares,
        ),
        advice=tr("who sleeps needs no CPU, and so no niceness: let it loop without a pause, and do not stop it"),
        compared=(tr("R for {seconds} s", seconds=seconds), shares),
    )


def is_nice(seen: Seen, values: Values) -> None:
    """See the niceness that was asked for in this seat."""
    loop = loops(seen, values)[0]
    if not any(niceness(history) == values["niceness"] for history in loops(seen, values)):
        raise other_niceness(seen, loop, values)


def other_niceness(seen: Seen, loop: History, values: Values) -> Mistake:
    """Return the mistake of another niceness: another process has it, it was refused, or several were added."""
    others = [h for h in seen.trace.processes if niceness(h) == values["niceness"]]
    was = niceness(loop)
    had = tr("{name} (pid {pid}) ran at niceness {niceness}", name=values["name"], pid=loop.pid, niceness=was)
    if others:
        who = f"{others[0].pid} {command_line(others[0].command)}"
        had = tr("{had}; {who} has yours", had=had, who=who)
    key = "wrong-process" if others else "not-nice" if was <= 0 else "another"
    parent = seen.trace.parent(loop)
    is_of_usual = parent is not None and niceness(parent) == 0
    return seen.mistake(key, had, advice=about(key, values, is_of_usual), compared=(values["niceness"], was))


def about(key: str, values: Values, is_of_usual: bool) -> str:
    """Return what helps against each of the mistakes of another niceness; the parent may have the usual one, 0."""
    if key == "wrong-process":
        return tr(
            "niceness belongs to a process, and goes to those that it starts afterwards: start the loop with nice"
        )
    if key == "not-nice":
        return tr(
            "start it with nice -n {niceness}; nice --9 asks for -9, which takes sudo: refused, it starts the "
            "program at 0 all the same",
            niceness=values["niceness"],
        )
    if is_of_usual:
        return tr(
            "nice adds its number, 10 if there is none, to the niceness of who starts it, and that was 0: nice -n "
            "{niceness}, once",
            niceness=values["niceness"],
        )
    return tr(
        "nice adds its number to the niceness of the shell that starts it: look at the shell's own with nice alone"
    )
