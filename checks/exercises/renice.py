"""Exercise 16: a running process goes from one niceness to another, and not back."""

import itertools
import re

from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen, kept_waiting, numbers
from lab.exercises.renice.values import FIRST, SECOND
from lab.language import tr
from lab.student.seed import Values
from lab.trace import Exit, History, Span

HOLD = 0.4  # seconds for which each niceness has to be seen; 0.6 s are asked for
LONG = 1.0  # and no longer than this
LAST = 19  # the kernel goes no higher
COMPUTED = 0.15  # seconds of CPU that no start of an interpreter takes
BORN = 0.5  # and for one that it was born with, until it was served for the first time
REFUSED = re.compile("Permission denied|Operation not permitted|权限不够|不允许的操作")


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program."""
    return seat.run("renice")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say which niceness the process had, and when."""
    seen = Seen.of(evidence)
    return results(
        Check(
            "allowed",
            tr("no process goes back to a lower niceness", "没有进程回到更低的 nice 值"),
            lambda: is_allowed(seen),
        ),
        Check("ran", tr("the program runs to its end", "程序运行到结束"), seen.ran, after="allowed"),
        Check(
            "changed",
            tr("a running process gets another niceness", "正在运行的进程换了一个 nice 值"),
            lambda: changed(seen, values),
            after="ran",
        ),
        Check(
            "values",
            tr(
                f"first niceness {values['first']}, then {values['second']}",
                f"nice 值先是 {values['first']}，后是 {values['second']}",
            ),
            lambda: has_values(seen, values),
            after="changed",
        ),
    )


def is_allowed(seen: Seen) -> None:
    """See no niceness go down, nor the kernel refuse it, which is known from the program's own last words."""
    for history in seen.trace.processes:
        for before, after in itertools.pairwise(history.niceness):
            if after.value < before.value:
                raise raised_back(
                    seen,
                    tr(
                        f"process {history.pid} went from niceness {before.value} back to {after.value}",
                        f"进程 {history.pid} 的 nice 值从 {before.value} 回到了 {after.value}",
                    ),
                    actual=f"{before.value} → {after.value}",
                )
    if seen.trace.exit != Exit(0, None) and REFUSED.search(seen.trace.stderr.text):
        history = busiest(seen)
        stayed = " → ".join(str(span.value) for span in history.niceness)
        raise raised_back(
            seen,
            tr(
                f"the kernel refused a change, and the program ended; process {history.pid} had niceness {stayed}",
                f"内核拒绝了一次改变，程序随之结束；进程 {history.pid} 的 nice 值为 {stayed}",
            ),
            actual=tr("refused", "被拒绝"),
        )


def raised_back(seen: Seen, rationale: str, actual: str) -> Mistake:
    """Return the mistake of a process that is to overtake others again."""
    return seen.mistake(
        "raised-back",
        rationale,
        advice=tr(
            "a higher niceness anybody may set; a lower one than it has takes a privilege (CAP_SYS_NICE), "
            "even if it had that one before: only go upwards",
            "更高的 nice 值谁都可以设；要比现有的低就需要特权（CAP_SYS_NICE），哪怕它以前就是那个值：只往上改",
        ),
        expected=tr("upwards only", "只往上"),
        actual=actual,
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
            return found
    elif any(len(steps(seen, other)) > 1 for other in seen.trace.processes):
        raise asleep(seen)
    ended = [h for h in seen.others if h.niceness[-1].start > seen.ended_at(h) and len(h.niceness) > 1]
    if ended:
        raise over(seen, ended[0])
    raise unchanged(seen, history, values)


def is_the_only_one(seen: Seen, history: History) -> None:
    """See no other child compute as well; a parent may, as it waits."""
    enough = max(COMPUTED, history.cpu / 3)
    running = [h for h in seen.others if h is not history and is_running(seen, h)]
    more = [h for h in running if h.cpu > enough or len(steps(seen, h)) > 1]
    if more:
        pids = numbers([history.pid, *(other.pid for other in more)])
        raise seen.mistake(
            "several",
            tr(f"{len(more) + 1} processes computed: {pids}", f"有 {len(more) + 1} 个进程在计算：{pids}"),
            advice=tr(
                "one process computes: fork once, and a child that goes on behind a fork may not fork again",
                "只有一个进程在计算：只 fork 一次；子进程从 fork 之后继续执行时，不要再 fork",
            ),
            expected=tr("one process", "一个进程"),
            actual=len(more) + 1,
        )


def over(seen: Seen, history: History) -> Mistake:
    """Return the mistake of a process that had ended before its niceness changed."""
    second = history.niceness[-1].value
    return seen.mistake(
        "over",
        tr(
            f"process {history.pid} had already ended (Z) when its niceness became {second}",
            f"进程 {history.pid} 的 nice 值变为 {second} 时，它已经结束了（Z）",
        ),
        advice=tr(
            "the loop has to run on for 0.6 s after the change: let it be endless, and end it then",
            "改变之后，循环还要运行 0.6 秒：让它无限循环，到时候再结束它",
        ),
        expected="R",
        actual="Z",
    )


def asleep(seen: Seen) -> Mistake:
    """Return the mistake of a process that has no need of any priority."""
    history = max(seen.trace.processes, key=lambda other: len(steps(seen, other)))
    return seen.mistake(
        "asleep",
        tr(
            f"process {history.pid} got another niceness, but slept (S)",
            f"进程 {history.pid} 换了 nice 值，但它在睡眠（S）",
        ),
        advice=tr(
            "who sleeps takes no CPU, and niceness changes nothing: let it loop without a pause",
            "睡眠的进程不占用 CPU，nice 值也就没有作用：让它不停地循环",
        ),
        expected="R",
        actual="S",
    )


def unchanged(seen: Seen, history: History, values: Values) -> Mistake:
    """Return the mistake of a process that kept its niceness: that of the end, or any."""
    had = " → ".join(f"{span.value} ({span.seconds:.1f} s)" for span in alive(seen, history))
    rationale = tr(f"process {history.pid} had niceness {had}", f"进程 {history.pid} 的 nice 值：{had}")
    running = [other for other in seen.trace.processes if is_running(seen, other) and steps(seen, other)]
    kept = {steps(seen, other)[0].value for other in running}
    if {values["first"], values["second"]} <= kept:
        key, advice = (
            "two-processes",
            tr(
                "the second niceness is that of another process: change it for the one that runs, by its pid",
                "第二个 nice 值属于另一个进程：请按 PID 改变正在运行的那一个",
            ),
        )
    elif kept == {values["second"]} and values["first"] not in [span.value for span in history.niceness]:
        key, advice = (
            "started-at-second",
            tr(
                f"it had {values['second']} from the start: begin with {values['first']}, and change it after 0.6 s",
                f"它一开始就是 {values['second']}：应先以 {values['first']} 运行 0.6 秒，然后再改",
            ),
        )
    else:
        was_served(seen, history, values)
        seen.can_tell(HOLD)
        key, advice = (
            "unchanged",
            tr(
                "two values, each for 0.6 s, on one pid: os.setpriority, or renice -n N -p PID, while the process runs",
                "同一个 PID 先后有两个值，各持续 0.6 秒：在它运行时用 os.setpriority 或 renice -n N -p PID",
            ),
        )
    return seen.mistake(key, rationale, advice=advice, expected=f"{values['first']} → {values['second']}", actual=had)


def was_served(seen: Seen, history: History, values: Values) -> None:
    """Go on only if a niceness that was too brief was not so because the machine served whoever sets it too late."""
    asked, born = (values["first"], values["second"]), history.niceness[0]
    steps = itertools.pairwise(history.niceness)
    brief = [min(a.seconds, b.seconds) for a, b in steps if (a.value, b.value) == asked]
    late = born.seconds if history is not seen.root and born.value != values["first"] else 0.0
    waited = late + seen.waited(seen.root)
    if brief and max(brief) < HOLD <= max(brief) + waited:
        raise kept_waiting(waited)


def has_values(seen: Seen, values: Values) -> None:
    """Compare with what was asked for in this seat."""
    found = changed(seen, values)
    if found[-2:] == [values["first"], values["second"]]:
        last_long_enough(seen)
        are_brief(seen)
        return
    was_served(seen, busiest(seen), values)
    actual, expected = " → ".join(map(str, found)), f"{values['first']} → {values['second']}"
    had = tr(
        f"process {busiest(seen).pid} went through niceness {actual}",
        f"进程 {busiest(seen).pid} 的 nice 值依次为 {actual}",
    )
    if is_a_seats(found) and not {values["first"], values["second"]} & set(found):
        raise seen.other_values(had, values["number"], expected=expected, actual=actual)
    key, advice = wrong_step(found, int(values["first"]), int(values["second"]))
    raise seen.mistake(key, had, advice=advice, expected=expected, actual=actual)


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
        waited = max(waited, longest.end - history.used[-1].start)
    if longest.seconds - waited <= LONG + seen.slack:
        raise kept_waiting(waited)
    raise seen.mistake(
        "too-long",
        tr(
            f"process {history.pid} had niceness {longest.value} for {longest.seconds:.1f} s",
            f"进程 {history.pid} 的 nice 值为 {longest.value}，持续了 {longest.seconds:.1f} 秒",
        ),
        advice=tr("each of the two for 0.6 s, no longer", "两个值各持续 0.6 秒，不要更久"),
        expected="0.6 s",
        actual=f"{longest.seconds:.1f} s",
    )


def is_a_seats(found: list[int]) -> bool:
    """Tell whether the last two values of niceness could be those of another seat."""
    return FIRST[0] <= found[-2] <= FIRST[1] and SECOND[0] <= found[-1] <= SECOND[1]


def wrong_step(found: list[int], first: int, second: int) -> tuple[str, str]:
    """Return the key and the advice for steps of which one is wrong."""
    if (first, second) in itertools.pairwise(found):
        return "went-on", tr(
            f"after {second} it is to end: no third niceness", f"到 {second} 之后就该结束：不要第三个 nice 值"
        )
    if found[-2:] == [first, min(first + second, LAST)]:
        return "added", tr(
            f"os.nice adds to the niceness that there is: from {first} to {second} it is os.nice({second - first})",
            f"os.nice 是在现有的值上相加：从 {first} 到 {second} 是 os.nice({second - first})",
        )
    return "another", tr(
        f"first {first} for 0.6 s, then {second} for 0.6 s: os.setpriority sets a value, os.nice adds one",
        f"先 {first} 持续 0.6 秒，再 {second} 持续 0.6 秒：os.setpriority 设置一个值，os.nice 加上一个值",
    )
