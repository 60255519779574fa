"""Exercise 9: several children, each reaped as it ends by a parent that sleeps meanwhile."""

import itertools
import signal

from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import SCHEDULING, SURE, Seen, numbers, reaps
from checks.judging.spans import birth, overlap
from lab.exercises.wait.values import SECONDS
from lab.language import counted, tr
from lab.student.seed import Values
from lab.trace import History, Span
from lab.trace.timeline import exited

BRIEF = 0.2  # seconds for which a child may be a zombie
CHILD = 0.15  # seconds; a child that sleeps for less has no task, such as one that a shell needs itself
NEAR = 0.15  # seconds by which a time may be off and be one of those that a seat may have
LONGER = 0.3  # seconds that the parent may sleep for after its last child
PAUSE = 0.15  # seconds that it may sleep for between two forks
CLEAR = 0.3  # seconds to which times must be known where it has slept for longer
BUFFER = 4096  # bytes: who writes more may have to wait for its reader, and sleeps for that
REST = 0.07  # of the time: who looks again and again, and sleeps for a moment each time, uses more of the CPU


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program."""
    return seat.run("wait")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say when each child ended, and when it was reaped."""
    seen = Seen.of(evidence)
    return results(
        Check("ran", tr("the program runs to its end", "程序运行到结束"), seen.ran),
        Check(
            "children", tr("several children run at once", "多个子进程同时运行"), lambda: children(seen), after="ran"
        ),
        Check(
            "reaped",
            tr("each is reaped as it ends", "每个子进程一结束就被回收"),
            lambda: are_reaped(seen, int(values["count"])),
            after="children",
        ),
        Check(
            "sleeps", tr("the parent sleeps meanwhile", "父进程在此期间睡眠"), lambda: sleeps(seen), after="children"
        ),
        Check(
            "values",
            tr(
                f"{values['count']} children: {values['seconds']} s",
                f"{values['count']} 个子进程：{values['seconds']} 秒",
            ),
            lambda: has_values(seen, values),
            after="reaped",
        ),
        Check("ends", tr("each child ends by itself", "每个子进程自己结束"), lambda: end(seen), after="reaped"),
        Check("over", tr("then the parent ends", "然后父进程结束"), lambda: is_over(seen), after="reaped"),
    )


def workers(seen: Seen, parent: History) -> list[History]:
    """Return the children of a process that have a task, in the order of their birth."""
    return [child for child in seen.children_of(parent) if seen.in_state(child, "S") > CHILD]


def parent_of_most(seen: Seen) -> History:
    """Return the parent: the program's first process, or one that it has started to be the parent of more."""
    return max(seen.trace.processes, key=lambda process: len(workers(seen, process)))


def children(seen: Seen) -> list[History]:
    """Return the children, in the order of their birth; they are there at the same time."""
    found = workers(seen, parent_of_most(seen))
    if not found:
        seen.can_tell(SURE)
        raise asleep_is_nobody(seen)
    begun, ended = found[-1].first_seen, min(map(seen.ended_at, found))
    if begun > ended:
        seen.can_tell(SURE)
        seen.served(within=SURE, since=found[0].first_seen)
        if all(child.gone is None or child.gone > begun for child in found):  # no wait was between them, but a sleep
            begin_at_once(seen, found)
        raise in_turn(seen, found[-1], begun - ended)
    begin_at_once(seen, found)
    return found


def asleep_is_nobody(seen: Seen) -> Mistake:
    """Return the mistake of a program without a child that slept: what there was instead."""
    if longest := max(seen.others, key=seen.lived, default=None):
        return none_slept(seen, longest)
    threads = max(span.value for span in seen.root.threads)
    many = tr(f"; it had {threads} threads", f"；它有 {threads} 个线程") if threads > 1 else ""
    rationale = (
        tr(
            f"process {seen.root.pid} had children, and each was gone within a moment",
            f"进程 {seen.root.pid} 有过子进程，但每个都一瞬间就消失了",
        )
        if reaps(seen.root)
        else tr(
            f"process {seen.root.pid} was seen alone: a child, if it had one, was gone within a moment",
            f"只看到进程 {seen.root.pid} 自己：如果有子进程，它也是一瞬间就消失了",
        )
    )
    return seen.mistake(
        "no-child",
        rationale + many,
        advice=tr("fork the children, and let each sleep for its time", "fork 出子进程，让每个睡眠它的时间"),
        expected=tr("several children", "多个子进程"),
        actual=tr("none", "没有"),
    )


def none_slept(seen: Seen, longest: History) -> Mistake:
    """Return the mistake of children none of which slept: an error has ended them, or they worked."""
    asleep, lived, how = seen.in_state(longest, "S"), seen.lived(longest), longest.exit
    error = seen.words_of_a_child if seen.has_failed(longest) else ""
    if how and how.signal:
        error = tr(f" ({exited(how)})", f"（{exited(how)}）")
    return seen.mistake(
        "none-slept",
        tr(
            f"none of the children slept for its time: {longest.pid} lived for {lived:.2f} s, in S for {asleep:.2f} s",
            f"没有一个子进程睡眠它的时间：{longest.pid} 活了 {lived:.2f} 秒，其中 {asleep:.2f} 秒处于 S",
        )
        + error,
        advice=tr(
            "nobody is to kill it: let each child call time.sleep with its time, and then end: os._exit(0)",
            "不要杀死它：让每个子进程用它的时间调用 time.sleep，然后结束：os._exit(0)",
        )
        if how and how.signal
        else tr(
            "let each child call time.sleep with its time, and then end: os._exit(0)",
            "让每个子进程用它的时间调用 time.sleep，然后结束：os._exit(0)",
        ),
        expected=tr("children that sleep", "睡眠的子进程"),
        actual=tr(f"S for {asleep:.2f} s at most", f"S 最多 {asleep:.2f} 秒"),
    )


def in_turn(seen: Seen, last: History, late: float) -> Mistake:
    """Return the mistake of children that were not there at the same time."""
    return seen.mistake(
        "in-turn",
        tr(
            f"your child {last.pid} began {late:.1f} s after the first had ended",
            f"第一个子进程结束 {late:.1f} 秒后，您的子进程 {last.pid} 才开始",
        ),
        advice=tr(
            "fork all of them first, in one loop; wait in a second loop",
            "先用一个循环全部 fork 出来；再用第二个循环 wait",
        ),
        expected=tr("at the same time", "同时"),
        actual=tr("one after the other", "一个接一个"),
    )


def begin_at_once(seen: Seen, found: list[History]) -> None:
    """See no sleep of the parent between two births, but one in which the first of them was not served."""
    parent = parent_of_most(seen)
    for one, other in itertools.pairwise(found):
        gap = [Span(one.first_seen, other.first_seen, 0)]
        slept = seen.in_state(parent, "S", gap)
        if one.command != parent.command:  # it executes a program, for which its parent may wait
            slept -= seen.waited(one, gap) + seen.used(one, gap[0].start, gap[0].end)
        over = slept - PAUSE
        if 0 < over <= seen.slack - SCHEDULING:
            seen.can_tell(CLEAR)
        if over > seen.slack - SCHEDULING:
            seen.served(within=PAUSE, since=0.0)
            raise seen.mistake(
                "pauses",
                tr(
                    f"the parent {parent.pid} slept for {slept:.1f} s between forking {one.pid} and {other.pid}",
                    f"父进程 {parent.pid} 在 fork 出 {one.pid} 和 {other.pid} 之间睡眠了 {slept:.1f} 秒",
                ),
                advice=tr(
                    "fork all of them first, one right after the other: only the children sleep",
                    "先接连 fork 出全部子进程：睡眠的只是子进程",
                ),
                expected=tr("no pause", "没有停顿"),
                actual=tr(f"{slept:.1f} s", f"{slept:.1f} 秒"),
            )


def are_reaped(seen: Seen, asked: int) -> None:
    """See none left behind, each returned by a wait, and none a zombie for long."""
    found = children(seen)
    left = [child.pid for child in found if is_left(seen, child)]
    if left and (forking := [child for child in found if len(workers(seen, child)) > 1]):
        raise runs_on(seen, forking[0])
    if left:
        raise left_behind(seen, left, len(found), asked)
    if seen.ignores(parent_of_most(seen), signal.SIGCHLD) and any(seen.is_reaped(child) is False for child in found):
        raise ignoring(seen)
    slow = max(found, key=seen.kept)
    if not is_long(seen, slow):
        return
    if is_reaped_late(seen, slow):
        raise late(seen, slow, found)
    raise never_reaped(seen, slow, len(found), asked)


def is_long(seen: Seen, child: History) -> bool:
    """Tell whether a child was a zombie for longer than it may be; a parent that slept chose not to look."""
    over = seen.kept(child) - BRIEF
    if over > 0 and is_left_to_lie(seen, child):
        return True
    if 0 < over <= seen.slack:
        seen.can_tell(SURE)
    return over > seen.slack - SCHEDULING


def is_left_to_lie(seen: Seen, child: History) -> bool:
    """Tell whether the parent slept on beside a zombie: then it was not the machine that was late."""
    parent = parent_of_most(seen)
    spans = [span for span in child.states if span.value == "Z"]
    if any(seen.wrote(parent, span.start, span.end) > BUFFER for span in spans):
        return False
    slept = seen.in_state(parent, "S", spans)
    if slept > BRIEF:
        seen.can_tell(BRIEF / 2, known=seen.unseen)
    return slept > BRIEF + seen.unseen


def ignoring(seen: Seen) -> Mistake:
    """Return the mistake of a parent that has let the kernel reap."""
    parent = parent_of_most(seen)
    return seen.mistake(
        "ignored",
        tr(
            f"the parent {parent.pid} ignores SIGCHLD: the kernel reaped, and no wait returned a child",
            f"父进程 {parent.pid} 忽略 SIGCHLD：由内核代为回收，wait 没有返回任何子进程",
        ),
        advice=tr(
            "do not ignore SIGCHLD: it is the parent that is to reap, by one os.wait() for each child",
            "不要忽略 SIGCHLD：应该由父进程回收，每个子进程一次 os.wait()",
        ),
        expected=tr("a wait for each child", "每个子进程一次 wait"),
        actual=tr("SIGCHLD ignored", "忽略了 SIGCHLD"),
    )


def stayed(seen: Seen, slow: History) -> str:
    """Say for how long a child was a zombie."""
    was = seen.zombie(slow)
    return tr(
        f"your child {slow.pid} stayed a zombie for {was:.1f} s after it ended; ",
        f"您的子进程 {slow.pid} 结束后做了 {was:.1f} 秒的僵尸；",
    )


def late(seen: Seen, slow: History, found: list[History]) -> Mistake:
    """Return the mistake of a parent that has reaped a child, but not at its end."""
    was = seen.zombie(slow)
    at_anothers_end = any(ends_at(seen, other, slow.gone or 0.0) for other in found if other is not slow)
    return seen.mistake(
        "late",
        stayed(seen, slow)
        + (
            tr("its parent reaped it when another one ended", "父进程到另一个子进程结束时才回收它")
            if at_anothers_end
            else tr("its parent asked for it only then", "父进程这时才询问它")
        ),
        advice=tr(
            "wait for whichever ends first: os.wait(), not waitpid(pid, 0), join or wait of one after the other, "
            "and no sleep before",
            "等待最先结束的那一个：用 os.wait()，而不是按顺序逐个 waitpid(pid, 0)、join 或 wait，之前也不要 sleep",
        )
        if at_anothers_end
        else tr(
            "os.wait() itself sleeps until a child ends, and returns at once then: no other sleep before it",
            "os.wait() 自己会睡眠到有子进程结束，然后立即返回：不要在它之前另外 sleep",
        ),
        expected=tr(f"at most {BRIEF} s", f"最多 {BRIEF} 秒"),
        actual=tr(f"{was:.1f} s", f"{was:.1f} 秒"),
    )


def enough_waits(count: int, asked: int) -> str:
    """Return the advice for a parent that waits too seldom; it may rather have too many children."""
    if count == asked:
        return tr(
            f"one wait reaps one child: {count} children need {count} waits",
            f"一次 wait 回收一个子进程：{count} 个子进程需要 {count} 次 wait",
        )
    return tr(
        f"fork {asked} times, not {count}, and wait as often: one wait reaps one child",
        f"fork {asked} 次，而不是 {count} 次，并 wait 同样多次：一次 wait 回收一个子进程",
    )


def never_reaped(seen: Seen, slow: History, count: int, asked: int) -> Mistake:
    """Return the mistake of a parent that has not waited for a child."""
    was = seen.zombie(slow)
    return seen.mistake(
        "never-reaped",
        stayed(seen, slow) + tr("its parent never waited for it", "父进程从未等待它"),
        advice=enough_waits(count, asked),
        expected=tr(f"at most {BRIEF} s", f"最多 {BRIEF} 秒"),
        actual=tr(f"{was:.1f} s", f"{was:.1f} 秒"),
    )


def is_reaped_late(seen: Seen, slow: History) -> bool:
    """Tell whether a child was reaped late, and not left to an adopter: a parent may end right after its last wait."""
    if (reaped := seen.is_reaped(slow)) is not None:
        return reaped
    last = max(map(seen.ended_at, children(seen)))
    parent = parent_of_most(seen)
    waited_to_the_last = seen.ended_at(parent) - last <= seen.slack
    return not slow.adoptions and (seen.outlived(parent, slow) or waited_to_the_last)


def ends_at(seen: Seen, child: History, moment: float) -> bool:
    """Tell whether a child ended at a moment, as far as can be told."""
    return abs(seen.ended_at(child) - moment) <= seen.slack - SCHEDULING


def is_left(seen: Seen, child: History) -> bool:
    """Tell whether a child was still running when its parent ended."""
    return seen.ended_at(child) - seen.ended_at(parent_of_most(seen)) > seen.unseen


def left_behind(seen: Seen, left: list[int], count: int, asked: int) -> Mistake:
    """Return the mistake of a parent that has not stayed for all of its children."""
    parent = parent_of_most(seen).pid
    return seen.mistake(
        "left-behind",
        tr(
            f"the parent {parent} ended while {len(left)} of its {count} children still ran: {numbers(left)}",
            f"父进程 {parent} 结束时，{count} 个子进程中还有 {len(left)} 个在运行：{numbers(left)}",
        ),
        advice=enough_waits(count, asked),
        expected=tr("all reaped", "全部回收"),
        actual=tr(f"{count - len(left)} reaped", f"回收了 {count - len(left)} 个"),
    )


def sleeps(seen: Seen) -> None:
    """See the parent asleep, for the most part, from the last child's birth to the last one's end, and hardly at work.

    Who asks again and again may be in S whenever it is looked at, but not without using the CPU.
    """
    found, parent = children(seen), parent_of_most(seen)
    meanwhile = Span(found[-1].first_seen, max(map(seen.ended_at, found)), 0)
    running = sum(overlap(span, meanwhile) for span in parent.states if span.value == "R")
    used = seen.used(parent, meanwhile.start, meanwhile.end)
    if running <= meanwhile.seconds / 2 and used <= REST * (meanwhile.seconds - max(0.0, running - used)):
        return
    raise seen.mistake(
        "busy-loop",
        tr(
            f"in the {meanwhile.seconds:.1f} s of its children, the parent {parent.pid} was R for {running:.1f} s, "
            f"and used {used:.2f} s of the CPU",
            f"子进程运行的 {meanwhile.seconds:.1f} 秒里，父进程 {parent.pid} 有 {running:.1f} 秒处于 R，"
            f"用了 {used:.2f} 秒的 CPU",
        ),
        advice=tr(
            "do not ask again and again: os.wait() without WNOHANG sleeps until a child has ended",
            "不要反复询问：不带 WNOHANG 的 os.wait() 会睡眠到有子进程结束",
        ),
        expected="S",
        actual="R",
    )


def order(times: list[float]) -> list[int]:
    """Return who ends when: that is known even where the machine is too busy for the times themselves."""
    return sorted(range(len(times)), key=times.__getitem__)


def asked_for(values: Values) -> list[float]:
    """Return the times of this seat's children."""
    return [float(seconds) for seconds in str(values["seconds"]).split(", ")]


def has_values(seen: Seen, values: Values) -> None:
    """Compare the number of children, and the life of each, with those of this seat."""
    found, asked = children(seen), asked_for(values)
    if are_asked(seen, found, asked) and not extra(seen, found):
        return
    seen.can_tell(0.25)  # in a longer gap a child might have been missed
    if len(found) > len(asked):
        seen.served(within=CHILD, since=0.0)  # what a shell runs for itself takes longer, if it must wait for the CPU
    if forking := [child for child in found if len(workers(seen, child)) > 1]:
        raise runs_on(seen, forking[0])
    added = extra(seen, found)
    if len(found) < len(asked):  # these are of the children, and have slept for too short a time
        found, added = sorted([*found, *added], key=birth), []
    if added:
        raise one_more(seen, added, len(asked))
    raise other_children(seen, found, asked, values)


def are_asked(seen: Seen, found: list[History], asked: list[float]) -> bool:
    """Tell whether these are the children that are asked for, in this order."""
    slept = [seen.in_state(child, "S") for child in found]  # to start may take each another time
    is_in_order = order(asked) in (order([seen.lived(child) for child in found]), order(slept))
    return len(found) == len(asked) and all(map(seen.took, found, asked)) and is_in_order


def extra(seen: Seen, found: list[History]) -> list[History]:
    """Return the children that were forked, and have no task."""
    return [child for child in seen.copies(parent_of_most(seen)) if child not in found]


def one_more(seen: Seen, added: list[History], count: int) -> Mistake:
    """Return the mistake of a parent that has forked more often than it should."""
    was = max(map(seen.lived, added))
    pids = numbers([child.pid for child in added])
    return seen.mistake(
        "count",
        tr(
            f"beside the children that slept for their time, the parent forked {pids}, which lived for {was:.2f} s",
            f"除了按时间睡眠的子进程，父进程还 fork 了 {pids}，活了 {was:.2f} 秒",
        ),
        advice=tr(f"fork {count} times, not more", f"fork {count} 次，不要更多"),
        expected=tr(f"{count} children", f"{count} 个子进程"),
        actual=tr(f"{len(added)} more", f"多出 {len(added)} 个"),
    )


def measured(seen: Seen, child: History) -> float:
    """Return for how long a child slept, or lived where it is rather that which is one of a seat's times."""
    return min(seen.in_state(child, "S"), seen.lived(child), key=lambda was: min(abs(was - one) for one in SECONDS))


def other_children(seen: Seen, found: list[History], asked: list[float], values: Values) -> Mistake:
    """Return the mistake of children that sleep for other times, or in another order, or are more or fewer."""
    times = [measured(seen, child) for child in found]
    was = ", ".join(f"{seconds:.1f}" for seconds in times[:8])
    rationale = tr(f"children that slept: {len(found)}, for {was} s", f"{len(found)} 个子进程睡眠了 {was} 秒")
    expected = tr(f"{len(asked)}: {values['seconds']} s", f"{len(asked)} 个：{values['seconds']} 秒")
    actual = tr(f"{len(found)}: {was} s", f"{len(found)} 个：{was} 秒")
    if len(found) != len(asked) and (len(times) not in (3, 4, 5) or is_cut(times, asked)):
        key, advice = (
            "count",
            tr("one child for each of the times, no more and no fewer", "每个时间一个子进程，不多也不少"),
        )
    elif all(map(is_near, sorted(times), sorted(asked))) and len(times) == len(asked):
        key, advice = "order", tr("the times are right, but not in this order", "时间正确，但次序不对")
    elif is_a_seats(times):
        return seen.other_values(rationale, values["number"], expected=expected, actual=actual)
    else:
        key, advice = "times", tr("give each child a time of its own to sleep for", "让每个子进程睡眠它自己的时间")
    return seen.mistake(key, rationale, advice=advice, expected=expected, actual=actual)


def is_near(was: float, asked: float) -> bool:
    """Tell whether a time is about as asked, and no other time of a seat."""
    return abs(was - asked) <= NEAR


def is_cut(times: list[float], asked: list[float]) -> bool:
    """Tell whether the shorter list is the beginning of the longer one."""
    return all(map(is_near, times, asked))


def is_a_seats(times: list[float]) -> bool:
    """Tell whether another seat may have these times: each another one, and the first the longest."""
    nearest = [min(SECONDS, key=lambda one: abs(one - was)) for was in times]
    return len({*nearest}) == len(nearest) and nearest[0] == max(nearest) and all(map(is_near, times, nearest))


def end(seen: Seen) -> None:
    """See each child end by itself."""
    for child in children(seen):
        seen.ends_by_itself(child)


def is_over(seen: Seen) -> None:
    """See the parent end when it has reaped all, and not sleep on."""
    parent, last = parent_of_most(seen), max(child.gone or 0.0 for child in children(seen))
    slept = seen.in_state(parent, "S", [Span(last, seen.trace.seconds, 0)])
    if seen.at_most(slept, LONGER):
        return
    raise seen.mistake(
        "stays",
        tr(
            f"the parent {parent.pid} slept for {slept:.1f} s more when all had been reaped",
            f"全部回收之后，父进程 {parent.pid} 又睡眠了 {slept:.1f} 秒",
        ),
        advice=tr("end when the last wait has returned", "最后一次 wait 返回后就结束"),
        expected=tr("the end", "结束"),
        actual=tr(f"{slept:.1f} s of sleep", f"睡眠 {slept:.1f} 秒"),
    )


def runs_on(seen: Seen, child: History) -> Mistake:
    """Return the mistake of a child that goes on in its parent's loop."""
    count = len(workers(seen, child))
    return seen.mistake(
        "child-runs-on",
        tr(
            f"your child {child.pid} forked {counted(count, 'child', 'children')} of its own",
            f"您的子进程 {child.pid} 自己又 fork 了 {count} 个子进程",
        ),
        advice=tr(
            "a child that goes on in the loop that forks will fork as well: end it with os._exit",
            "如果子进程继续执行 fork 的循环，它也会 fork：用 os._exit 结束它",
        ),
        expected=tr("children of the parent only", "只有父进程的子进程"),
        actual=tr(f"{counted(count, 'child', 'children')} of {child.pid}", f"{child.pid} 的 {count} 个子进程"),
    )
