"""Exercise 16: a running process goes from one niceness to another, and not back."""

import itertools
import re

from checks.judging.result import Check, Mistake, Result, in_turn
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen
from checks.judging.timed import COMPUTED, kept_waiting
from checks.judging.wording import numbers, pids_of
from lab.exercises.renice.values import FIRST, SECOND
from lab.language import tr
from lab.student.seed import Values
from lab.trace import Exit, History, Span

HOLD = 0.4  # seconds for which each niceness has to be seen; 0.6 s are asked for
LONG = 1.0  # and no longer than this
LAST = 19  # the kernel goes no higher
STARTS = 0.3  # seconds of CPU that the start of a program may take, of an interpreter with many modules
BORN = 0.5  # and for one that it was born with, until it was served for the first time
REFUSED = re.compile("Permission denied|Operation not permitted|权限不够|不允许的操作")
HALTED = 0.1  # seconds for which it is stopped; less is a moment in which somebody looked
RUNS = 0.7  # of the time, at least: it loops


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program."""
    return seat.run("renice")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say which niceness the process had, and when."""
    seen = Seen.of(evidence)
    return in_turn(
        Check("allowed", tr("no process goes back to a lower niceness"), lambda: is_allowed(seen)),
        Check("ran", tr("the program runs to its end"), seen.ran),
        Check("changed", tr("a running process gets another niceness"), lambda: changed(seen, values)),
        Check("values", tr("first niceness {first}, then {second}", **values), lambda: has_values(seen, values)),
    )


def is_allowed(seen: Seen) -> None:
    """See no niceness go down, nor the kernel refuse it, which is known from the program's own last words."""
    for history in seen.trace.processes:
        for before, after in itertools.pairwise(history.niceness):
            if after.value < before.value:
                raise went_back(seen, history, before.value, after.value)
    if seen.trace.exit != Exit(0, None) and REFUSED.search(seen.trace.stderr.text):
        raise refused(seen, busiest(seen))


def went_back(seen: Seen, history: History, before: int, after: int) -> Mistake:
    """Return the mistake of a process whose niceness went down."""
    sentence = tr(
        "process {pid} went from niceness {before_value} back to {after_value}",
        pid=history.pid,
        before_value=before,
        after_value=after,
    )
    return raised_back(seen, sentence, actual=f"{before} → {after}")


def refused(seen: Seen, history: History) -> Mistake:
    """Return the mistake of a process to which the kernel has refused a change."""
    sentence = tr(
        "the kernel refused a change, and the program ended; process {pid} had niceness {stayed}",
        pid=history.pid,
        stayed=" → ".join(str(span.value) for span in history.niceness),
    )
    return raised_back(seen, sentence, actual=tr("refused"))


def raised_back(seen: Seen, rationale: str, actual: str) -> Mistake:
    """Return the mistake of a process that is to overtake others again."""
    return seen.mistake(
        "raised-back",
        rationale,
        advice=tr(
            "a higher niceness anybody may set; a lower one than it has takes a privilege (CAP_SYS_NICE), even if "
            "it had that one before: only go upwards"
        ),
        compared=(tr("upwards only"), actual),
    )


def busiest(seen: Seen) -> History:
    """Return the process that changed its niceness while it ran, or else the one that ran most."""
    return max(seen.trace.processes, key=lambda h: (lasting(seen, h), len(h.niceness) > 1, seen.in_state(h, "R")))


def lasting(seen: Seen, history: History) -> int:
    """Return how many values of niceness lasted of a process that runs."""
    return len(steps(seen, history)) if is_running(seen, history) else 0


def is_running(seen: Seen, history: History) -> bool:
    """Tell whether a process computed for most of its life, and not slept."""
    return seen.in_state(history, "R") > seen.in_state(history, "SDT")


def steps(seen: Seen, history: History) -> list[Span[int]]:
    """Return the values of niceness that lasted; what has ended (Z) can still be given another, and has none."""
    later, born = seen.enough(HOLD), seen.enough(BORN)
    return [
        span for span in alive(seen, history) if span.seconds >= (later if span.start > history.first_seen else born)
    ]


def alive(seen: Seen, history: History) -> list[Span[int]]:
    """Return the values of niceness that a process had until it ended."""
    end = seen.ended_at(history)
    return [Span(span.start, min(span.end, end), span.value) for span in history.niceness if span.start <= end]


def changed(seen: Seen, values: Values) -> list[int]:
    """Return the values of niceness that lasted, of the process that had several."""
    history = busiest(seen)
    found = [span.value for span in steps(seen, history)]
    if is_running(seen, history) and len(found) > 1:
        if found[-1] != values["first"]:
            is_the_only_one(seen, history)
            loops(seen, history)
            return found
    elif any(len(steps(seen, other)) > 1 for other in seen.trace.processes):
        raise idle(seen)
    ended = [h for h in seen.others if h.niceness[-1].start > seen.ended_at(h) and len(h.niceness) > 1]
    if ended:
        raise over(seen, ended[0])
    raise unchanged(seen, history, values)


def loops(seen: Seen, history: History) -> None:
    """See a process run at each niceness, and not rest."""
    for step in steps(seen, history):
        if seen.in_state(history, "R", [step]) < RUNS * step.seconds - seen.unseen:
            raise idle(seen)


def is_the_only_one(seen: Seen, history: History) -> None:
    """See no other child compute as well; a parent may, as it waits."""
    enough = max(COMPUTED, history.cpu / 3)
    running = [h for h in seen.others if h is not history and is_running(seen, h)]
    more = [h for h in running if h.cpu > enough or len(steps(seen, h)) > 1]
    if more:
        raise several(seen, [history, *more])


def several(seen: Seen, found: list[History]) -> Mistake:
    """Return the mistake of more processes that compute than one."""
    return seen.mistake(
        "several",
        tr("{count} processes computed: {pids}", count=len(found), pids=pids_of(found)),
        advice=tr("one process computes: fork once, and a child that goes on behind a fork may not fork again"),
        compared=(tr("one process"), len(found)),
    )


def over(seen: Seen, history: History) -> Mistake:
    """Return the mistake of a process that had ended before its niceness changed."""
    second = history.niceness[-1].value
    return seen.mistake(
        "over",
        tr("process {pid} had already ended (Z) when its niceness became {second}", pid=history.pid, second=second),
        advice=tr("the loop has to run on for 0.6 s after the change: let it be endless, and end it then"),
        compared=("R", "Z"),
    )


def idle(seen: Seen) -> Mistake:
    """Return the mistake of a process that has no need of any priority, as it sleeps, or is stopped."""
    history = max(seen.trace.processes, key=lambda other: len(steps(seen, other)))
    return (stopped if seen.in_state(history, "T") > seen.in_state(history, "SD") else asleep)(seen, history)


def asleep(seen: Seen, history: History) -> Mistake:
    """Return the mistake of a process that sleeps."""
    return seen.mistake(
        "asleep",
        tr("process {pid} got another niceness, but slept (S)", pid=history.pid),
        advice=tr("who sleeps takes no CPU, and niceness changes nothing: let it loop without a pause"),
        compared=("R", "S"),
    )


def stopped(seen: Seen, history: History) -> Mistake:
    """Return the mistake of a process that is stopped, be it while its niceness changes."""
    spans = [span for span in history.states if span.value == "T"]
    became = [n.value for n in history.niceness[1:] for s in spans if s.start <= n.start <= s.end]
    was = tr(
        "process {pid} was stopped (T) at {since:.1f} s, for {seconds:.1f} s in all",
        pid=history.pid,
        since=spans[0].start,
        seconds=seen.in_state(history, "T"),
    )
    meanwhile = tr("; meanwhile its niceness became {values}", values=numbers(became)) if became else ""
    return seen.mistake(
        "stopped",
        was + meanwhile,
        advice=tr(
            "renice works on a process that runs: send it no SIGSTOP or SIGTSTP, and let it not stop itself; who is "
            "stopped takes no CPU until SIGCONT comes"
        ),
        compared=("R", "T"),
    )


def unchanged(seen: Seen, history: History, values: Values) -> Mistake:
    """Return the mistake of a process that kept its niceness, that of the end, or any; or was stopped meanwhile."""
    if seen.in_state(history, "T") > seen.unseen + HALTED:
        return stopped(seen, history)
    had = " → ".join(f"{span.value} ({span.seconds:.1f} s)" for span in alive(seen, history))
    rationale = tr("process {pid} had niceness {had}", pid=history.pid, had=had)
    key, advice = why_unchanged(seen, history, values)
    return seen.mistake(key, rationale, advice=advice, compared=(f"{values['first']} → {values['second']}", had))


def why_unchanged(seen: Seen, history: History, values: Values) -> tuple[str, str]:
    """Return the key and the hint for a process that kept its niceness: another had the second, or it had it itself."""
    running = [other for other in seen.trace.processes if is_running(seen, other) and steps(seen, other)]
    kept = {steps(seen, other)[0].value for other in running}
    if {values["first"], values["second"]} <= kept:
        return "two-processes", tr(
            "the second niceness is that of another process: change it for the one that runs, by its pid"
        )
    if kept == {values["second"]} and values["first"] not in [span.value for span in history.niceness]:
        return "started-at-second", tr(
            "it had {second} from the start: begin with {first}, and change it after 0.6 s", **values
        )
    was_served(seen, history, values)
    seen.can_tell(HOLD)
    return "unchanged", tr(
        "two values, each for 0.6 s, on one pid: os.setpriority, or renice -n N -p PID, while the process runs"
    )


def was_served(seen: Seen, history: History, values: Values) -> None:
    """Go on only if a niceness that was too brief was not so because the machine served whoever sets it too late."""
    asked, born = (values["first"], values["second"]), history.niceness[0]
    steps = itertools.pairwise(history.niceness)
    brief = [min(a.seconds, b.seconds) for a, b in steps if (a.value, b.value) == asked]
    late = born.seconds - seen.in_state(history, "T", [born])
    late = late if history is not seen.root and born.value != values["first"] else 0.0
    waited = late + seen.waited(seen.root)
    if brief and max(brief) < HOLD <= max(brief) + waited:
        raise kept_waiting(waited)


def has_values(seen: Seen, values: Values) -> None:
    """Compare with what was asked for in this seat."""
    found = changed(seen, values)
    if found[-2:] == [values["first"], values["second"]]:
        last_long_enough(seen)
        are_brief(seen)
        are_the_only_ones(seen, values)
        return
    was_served(seen, busiest(seen), values)
    actual, expected = " → ".join(map(str, found)), f"{values['first']} → {values['second']}"
    had = tr("process {pid} went through niceness {actual}", pid=busiest(seen).pid, actual=actual)
    if is_a_seats(found) and not {values["first"], values["second"]} & set(found):
        raise seen.other_values(had, values["number"], compared=(expected, actual))
    key, advice = wrong_step(found, int(values["first"]), int(values["second"]))
    raise seen.mistake(key, had, advice=advice, compared=(expected, actual))


def last_long_enough(seen: Seen) -> None:
    """Go on only if both were seen for long enough, be it that so much was not seen that they may have been."""
    seen.lasted(min(span.seconds for span in steps(seen, busiest(seen))[-2:]), HOLD)


def are_brief(seen: Seen) -> None:
    """See that neither niceness was held for much longer than was asked, as far as that was the program's choice."""
    history = busiest(seen)
    longest = max(steps(seen, history)[-2:], key=lambda span: span.seconds)
    if seen.at_most(longest.seconds, LONG):
        return
    setters = [h for h in seen.trace.processes if h is not history] or [history]
    waited = max(seen.waited(h, [longest]) for h in setters)
    if history.used:  # to end at a signal it must have been served once more
        last = Span(history.used[-1].start, longest.end, 0)
        waited = max(waited, last.seconds - seen.in_state(history, "T", [last]))
    if longest.seconds - waited <= LONG + seen.slack:
        raise kept_waiting(waited)
    raise too_long(seen, history, longest)


def are_the_only_ones(seen: Seen, values: Values) -> None:
    """See that it computed at no other niceness, but as it began; where it slept, or waited to be served, is free."""
    history, asked = busiest(seen), (values["first"], values["second"])
    for span in alive(seen, history):
        free = STARTS if span.start == history.first_seen else COMPUTED
        used = seen.used(history, span.start, span.end)
        if span.value not in asked and used > free:
            raise at_another(seen, history, span.value, used, values)


def at_another(seen: Seen, history: History, value: int, used: float, values: Values) -> Mistake:
    """Return the mistake of a process that computes at a third niceness as well."""
    return seen.mistake(
        "another",
        tr(
            "process {pid} computed at niceness {value} as well: it used {used:.1f} s of the CPU there",
            pid=history.pid,
            value=value,
            used=used,
        ),
        advice=tr("it begins to loop when its niceness is {first}, and that becomes {second} in one step", **values),
        compared=(f"{values['first']} → {values['second']}", " → ".join(str(s.value) for s in alive(seen, history))),
    )


def too_long(seen: Seen, history: History, longest: Span[int]) -> Mistake:
    """Return the mistake of a niceness that is held for too long."""
    return seen.mistake(
        "too-long",
        tr(
            "process {pid} had niceness {value} for {seconds:.1f} s",
            pid=history.pid,
            value=longest.value,
            seconds=longest.seconds,
        ),
        advice=tr("each of the two for 0.6 s, no longer"),
        compared=("0.6 s", f"{longest.seconds:.1f} s"),
    )


def is_a_seats(found: list[int]) -> bool:
    """Tell whether the last two values of niceness could be those of another seat."""
    return FIRST[0] <= found[-2] <= FIRST[1] and SECOND[0] <= found[-1] <= SECOND[1]


def wrong_step(found: list[int], first: int, second: int) -> tuple[str, str]:
    """Return the key and the advice for steps of which one is wrong."""
    if (first, second) in itertools.pairwise(found):
        return "went-on", tr("after {second} it is to end: no third niceness", second=second)
    if found[-2:] == [first, min(first + second, LAST)]:
        return "added", tr(
            "os.nice adds to the niceness that there is: from {first} to {second} it is os.nice({apart})",
            first=first,
            second=second,
            apart=second - first,
        )
    return "another", tr(
        "first {first} for 0.6 s, then {second} for 0.6 s: os.setpriority sets a value, os.nice adds one",
        first=first,
        second=second,
    )
