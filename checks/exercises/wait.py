"""Exercise 9: several children, each reaped as it ends by a parent that sleeps meanwhile."""

from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import SCHEDULING, SURE, Seen, numbers
from checks.spans import overlap
from lab.exercises.seed import Values
from lab.language import counted, tr
from lab.trace import History, Span

BRIEF = 0.2  # seconds for which a child may be a zombie
CHILD = 0.15  # seconds; a child that sleeps for less has no task, such as one that a shell needs itself


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
            lambda: are_reaped(seen),
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
        raise seen.mistake(
            "no-child",
            tr(f"process {seen.root.pid} had no child that lived", f"进程 {seen.root.pid} 没有存活的子进程"),
            advice=tr("fork the children, and let each sleep for its time", "fork 出子进程，让每个睡眠它的时间"),
            expected=tr("several children", "多个子进程"),
            actual=tr("none", "没有"),
        )
    begun, ended = found[-1].first_seen, min(map(seen.ended_at, found))
    if begun > ended:
        seen.can_tell(SURE)
        seen.served(within=SURE, since=found[0].first_seen)
        raise seen.mistake(
            "in-turn",
            tr(
                f"your child {found[-1].pid} began {begun - ended:.1f} s after the first had ended",
                f"第一个子进程结束 {begun - ended:.1f} 秒后，您的子进程 {found[-1].pid} 才开始",
            ),
            advice=tr(
                "fork all of them first, in one loop; wait in a second loop",
                "先用一个循环全部 fork 出来；再用第二个循环 wait",
            ),
            expected=tr("at the same time", "同时"),
            actual=tr("one after the other", "一个接一个"),
        )
    return found


def are_reaped(seen: Seen) -> None:
    """See none left behind, and none a zombie for long."""
    found = children(seen)
    left = [child.pid for child in found if is_left(seen, child)]
    if left:
        raise left_behind(seen, left, len(found))
    slow = max(found, key=seen.kept)
    was = seen.zombie(slow)
    if seen.at_most(seen.kept(slow), BRIEF):
        return
    stayed = tr(
        f"your child {slow.pid} stayed a zombie for {was:.1f} s after it ended; ",
        f"您的子进程 {slow.pid} 结束后做了 {was:.1f} 秒的僵尸；",
    )
    if is_reaped_late(seen, slow):
        at_anothers_end = any(ends_at(seen, other, slow.gone or 0.0) for other in found if other is not slow)
        raise seen.mistake(
            "late",
            stayed
            + (
                tr("its parent reaped it when another one ended", "父进程到另一个子进程结束时才回收它")
                if at_anothers_end
                else tr("its parent asked for it only then", "父进程这时才询问它")
            ),
            advice=tr(
                "wait for whichever ends first: os.wait(), not waitpid(pid, 0), join or wait of one after the other",
                "等待最先结束的那一个：用 os.wait()，而不是按顺序逐个 waitpid(pid, 0)、join 或 wait",
            )
            if at_anothers_end
            else tr(
                "os.wait() itself sleeps until a child ends, and returns at once then: no other sleep before it",
                "os.wait() 自己会睡眠到有子进程结束，然后立即返回：不要在它之前另外 sleep",
            ),
            expected=tr(f"at most {BRIEF} s", f"最多 {BRIEF} 秒"),
            actual=tr(f"{was:.1f} s", f"{was:.1f} 秒"),
        )
    raise seen.mistake(
        "never-reaped",
        stayed + tr("its parent never waited for it", "父进程从未等待它"),
        advice=tr(
            f"one wait reaps one child: {len(found)} children need {len(found)} waits",
            f"一次 wait 回收一个子进程：{len(found)} 个子进程需要 {len(found)} 次 wait",
        ),
        expected=tr(f"at most {BRIEF} s", f"最多 {BRIEF} 秒"),
        actual=tr(f"{was:.1f} s", f"{was:.1f} 秒"),
    )


def is_reaped_late(seen: Seen, slow: History) -> bool:
    """Tell whether a child was reaped late, and not left to an adopter: a parent may end right after its last wait."""
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


def left_behind(seen: Seen, left: list[int], count: int) -> Mistake:
    """Return the mistake of a parent that has not stayed for all of its children."""
    parent = parent_of_most(seen).pid
    return seen.mistake(
        "left-behind",
        tr(
            f"the parent {parent} ended while {len(left)} of its {count} children still ran: {numbers(left)}",
            f"父进程 {parent} 结束时，{count} 个子进程中还有 {len(left)} 个在运行：{numbers(left)}",
        ),
        advice=tr(
            f"one wait reaps one child: {count} children need {count} waits",
            f"一次 wait 回收一个子进程：{count} 个子进程需要 {count} 次 wait",
        ),
        expected=tr("all reaped", "全部回收"),
        actual=tr(f"{count - len(left)} reaped", f"回收了 {count - len(left)} 个"),
    )


def sleeps(seen: Seen) -> None:
    """See the parent asleep, for the most part, between the last child's birth and the first one's end, and after."""
    found, parent = children(seen), parent_of_most(seen)
    meanwhile = Span(found[-1].first_seen, max(map(seen.ended_at, found)), 0)
    running = sum(overlap(span, meanwhile) for span in parent.states if span.value == "R")
    if running <= meanwhile.seconds / 2:
        return
    raise seen.mistake(
        "busy-loop",
        tr(
            f"of the {meanwhile.seconds:.1f} s of its children, the parent {parent.pid} was R for {running:.1f} s",
            f"子进程运行的 {meanwhile.seconds:.1f} 秒里，父进程 {parent.pid} 有 {running:.1f} 秒处于 R",
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


def has_values(seen: Seen, values: Values) -> None:
    """Compare the number of children, and the life of each, with those of this seat."""
    found = children(seen)
    asked = [float(seconds) for seconds in str(values["seconds"]).split(", ")]
    slept = [seen.in_state(child, "S") for child in found]  # to start may take each another time
    is_in_order = order(asked) in (order([seen.lived(child) for child in found]), order(slept))
    if len(found) == len(asked) and all(map(seen.took, found, asked)) and is_in_order:
        return
    seen.can_tell(0.25)  # in a longer gap a child might have been missed
    if len(found) > len(asked):
        seen.served(within=CHILD, since=0.0)  # what a shell runs for itself takes longer, if it must wait for the CPU
    forking = [child for child in found if len(workers(seen, child)) > 1]
    if forking:
        raise runs_on(seen, forking[0])
    was = ", ".join(f"{seen.lived(child):.1f}" for child in found[:8])
    raise seen.other_values(
        tr(f"{counted(len(found), 'child', 'children')} lived for {was} s", f"{len(found)} 个子进程活了 {was} 秒"),
        values["number"],
        expected=tr(f"{len(asked)}: {values['seconds']} s", f"{len(asked)} 个：{values['seconds']} 秒"),
        actual=tr(f"{len(found)}: {was} s", f"{len(found)} 个：{was} 秒"),
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
