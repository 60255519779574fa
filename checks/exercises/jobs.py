"""Exercise 18, live: a stopped job, one in the background and one in the foreground, of one shell."""

import itertools
from collections.abc import Sequence

from checks.judging.live import look
from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen
from lab.exercises.jobs.values import NAMES
from lab.language import tr
from lab.student.seed import Values
from lab.trace import History
from lab.trace.timeline import command_line

WHICH = ("stopped", "background", "foreground")
MOST = 10  # processes of one name that are looked at: an earlier try may have left some


def observe(seat: Seat, values: Values) -> Evidence:
    """Look at the seat's processes."""
    return look(seat)


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say which job each was."""
    seen = Seen.of(evidence)
    stopped, background, foreground = (values[which] for which in WHICH)
    return results(
        Check("there", tr("the three jobs are there"), lambda: are_there(seen, values)),
        Check(
            "foreground",
            tr("{foreground} has the terminal (+)", foreground=foreground),
            lambda: in_the_foreground(seen, values),
            after="there",
        ),
        Check(
            "background",
            tr("{background} goes on without it", background=background),
            lambda: in_the_background(seen, values),
            after="there",
        ),
        Check("stopped", tr("{stopped} is stopped (T)", stopped=stopped), lambda: is_stopped(seen, values), "there"),
        Check(
            "one-shell",
            tr("each is a process group, in one session"),
            lambda: of_one_shell(seen, values),
            after="there",
        ),
    )


def has_terminal(history: History) -> bool:
    """Tell whether a process was in the foreground of its terminal."""
    return history.foreground[-1].value


def leads(history: History) -> bool:
    """Tell whether a process leads its session, as a shell does."""
    return history.sessions[-1].value == history.pid


def job(seen: Seen, values: Values, which: str) -> History:
    """Return the process of a name: of several, the one of the set of three that is most as it should be."""
    candidates = [best(seen, values, other) for other in WHICH]
    jobs = max(itertools.product(*candidates), key=lambda jobs: likeness(seen, jobs))
    return jobs[WHICH.index(which)]


def best(seen: Seen, values: Values, which: str) -> list[History]:
    """Return the processes of a name, those first that are as the name's job should be."""
    found = seen.named(str(values[which]))
    return sorted(found, key=lambda history: is_as_asked(seen, history, which), reverse=True)[:MOST]


def is_as_asked(seen: Seen, history: History, which: str) -> tuple[bool, bool]:
    """Tell whether a job has, or has not, the terminal, and is stopped or not, as asked."""
    is_right = has_terminal(history) == (which == "foreground")
    return is_right, seen.is_steadily(history, "T") if which == "stopped" else goes_on(seen, history)


def goes_on(seen: Seen, history: History) -> bool:
    """Tell whether a job was neither stopped nor at its end, all the time."""
    return seen.is_steadily(history, "RSD")


def likeness(seen: Seen, jobs: Sequence[History]) -> tuple[int, bool, int]:
    """Return how far three jobs are what is asked for: of one shell and each right count for as much."""
    right = sum(all(is_as_asked(seen, history, which)) for which, history in zip(WHICH, jobs, strict=True))
    is_one_session = len({history.sessions[-1].value for history in jobs}) == 1
    groups = len({history.groups[-1].value for history in jobs})
    return right + is_one_session + (groups == len(jobs)), is_one_session, right


def are_there(seen: Seen, values: Values) -> None:
    """Find each job by its name."""
    missing = [str(values[which]) for which in WHICH if not seen.named(str(values[which]))]
    if not missing:
        return
    names = ", ".join(missing)
    own = {which: seen.named(str(values[which])) for which in WHICH}
    stopped = seen.of_a_seat((h for h in seen.trace.processes if seen.is_steadily(h, "T")), NAMES)
    busy = seen.of_a_seat((h for h in seen.trace.processes if has_terminal(h) and not leads(h)), NAMES)
    if are_strangers(stopped, own["stopped"]) and are_strangers(busy, own["foreground"]):
        strangers = ", ".join(command_line(history.command) for history in (stopped[0], busy[0]))
        raise seen.other_values(
            tr("jobs of other names are stopped and in the foreground: {strangers}", strangers=strangers),
            values["number"],
            compared=(names, strangers),
        )
    raise seen.not_there(
        names,
        tr("the name is what ps shows in COMMAND: (exec -a NAME sleep 1000) gives it; all three at the same time"),
    )


def are_strangers(found: list[History], own: list[History]) -> bool:
    """Tell whether there are any, but none of one's own."""
    return bool(found) and not any(history in own for history in found)


def in_the_foreground(seen: Seen, values: Values) -> None:
    """See the foreground job with the terminal."""
    history = job(seen, values, "foreground")
    if not has_terminal(history):
        raise not_in_the_foreground(seen, values, history)
    if not goes_on(seen, history):
        raise halted(seen, history, tr("{name} (pid {pid})", name=values["foreground"], pid=history.pid))


def not_in_the_foreground(seen: Seen, values: Values, history: History) -> Mistake:
    """Return the mistake of a job that has not got the terminal."""
    return seen.mistake(
        "not-foreground",
        tr(
            "{foreground} (pid {pid}) has not got the terminal: no + in its STAT",
            foreground=values["foreground"],
            pid=history.pid,
        ),
        advice=tr("start it last and without &, or bring it back with fg; then the shell waits for it"),
        compared=("+", tr("no +")),
    )


def in_the_background(seen: Seen, values: Values) -> None:
    """See the background job without the terminal, and not stopped."""
    history = job(seen, values, "background")
    who = tr("{name} (pid {pid})", name=values["background"], pid=history.pid)
    if has_terminal(history):
        raise in_the_foreground_too(seen, who)
    if not goes_on(seen, history):
        raise halted(seen, history, who)


def in_the_foreground_too(seen: Seen, who: str) -> Mistake:
    """Return the mistake of a job that has the terminal, and is not to have it."""
    return seen.mistake(
        "in-foreground",
        tr("{who} is in the foreground as well: + in its STAT", who=who),
        advice=tr("start it with & at its end; what is in one pipe, or in a terminal of its own, is in the foreground"),
        compared=(tr("no +"), "+"),
    )


def halted(seen: Seen, history: History, who: str) -> Mistake:
    """Return the mistake of a job that does not go on, or not all the time: it is stopped, or at its end (Z)."""
    shares = seen.shares(history)
    is_over = seen.in_state(history, "Z") > seen.in_state(history, "T")
    if has_terminal(history):
        advice = tr("who has the terminal is not to be stopped: kill -CONT and its pid, and send no SIGSTOP")
    else:
        advice = tr("let it go on without the terminal: bg; one that reads its keys there is stopped again")
    return seen.mistake(
        "ended" if is_over else "stopped-too",
        tr("{who} does not go on all the time: {shares}", who=who, shares=shares),
        advice=tr("it has ended, and only its parent has not waited for it: start it anew") if is_over else advice,
        compared=(tr("S or R"), shares),
    )


def is_stopped(seen: Seen, values: Values) -> None:
    """See the stopped job in T."""
    history = job(seen, values, "stopped")
    if not seen.is_steadily(history, "T"):
        raise not_stopped(seen, values["stopped"], history)
    if has_terminal(history):
        raise in_the_foreground_too(seen, tr("{name} (pid {pid})", name=values["stopped"], pid=history.pid))


def not_stopped(seen: Seen, name: object, history: History) -> Mistake:
    """Return the mistake of a job that goes on, and is to be stopped."""
    shares, seconds = seen.shares(history), f"{seen.trace.seconds:.1f}"
    return seen.mistake(
        "not-stopped",
        tr(
            "{stopped} (pid {pid}) was not T all of the {seconds} s: {shares}",
            stopped=name,
            pid=history.pid,
            seconds=seconds,
            shares=shares,
        ),
        advice=tr("Ctrl-Z stops the job in the foreground; kill -STOP %1 stops one in the background"),
        compared=(tr("T for {seconds} s", seconds=seconds), shares),
    )


def of_one_shell(seen: Seen, values: Values) -> None:
    """See three process groups in one session."""
    jobs = {str(values[which]): job(seen, values, which) for which in WHICH}
    sessions = {name: history.sessions[-1].value for name, history in jobs.items()}
    if len({*sessions.values()}) > 1:
        raise other_session(seen, listed(sessions))
    groups = {name: history.groups[-1].value for name, history in jobs.items()}
    if len({*groups.values()}) < len(groups):
        raise one_group(seen, listed(groups))


def listed(numbers: dict[str, int]) -> str:
    """Return each name with its number."""
    return ", ".join(f"{name} {number}" for name, number in numbers.items())


def other_session(seen: Seen, listed: str) -> Mistake:
    """Return the mistake of jobs of several shells."""
    return seen.mistake(
        "other-session",
        tr("they are not of one session: {listed}", listed=listed),
        advice=tr("one shell, one session: start all three in the same terminal, and none with setsid or nohup setsid"),
        compared=(tr("one session"), listed),
    )


def one_group(seen: Seen, listed: str) -> Mistake:
    """Return the mistake of several that are one job."""
    return seen.mistake(
        "one-group",
        tr("several of them are in one process group: {listed}", listed=listed),
        advice=tr("a job is what you type as one line: type three, not one with parentheses or a script around them"),
        compared=(tr("three process groups"), listed),
    )
