"""A program that forks once: its two processes, of which the child stays for a while, ends, and is waited for."""

from collections.abc import Iterable

from checks.judging.result import Mistake
from checks.judging.seen import STAYS, Seen, numbers
from lab.language import tr
from lab.trace import History

LONGEST = 0.6  # seconds for which a child may stay where 0.3 are asked for


def forked_once(seen: Seen, speakers: Iterable[int]) -> None:
    """See a second process that stays, and no third: of those that were forked, and not executed, or have spoken."""
    seen.has_another()
    copies = most_copies(seen, set(speakers))
    if len(copies) > 2:
        raise seen.mistake(
            "forks-twice",
            tr(
                f"one process became {len(copies)}, and not two: {numbers(copies)}",
                f"一个进程变成了 {len(copies)} 个，而不是两个：{numbers(copies)}",
            ),
            advice=tr(
                "after a fork there are two, and a second fork is made by both: call it once, and keep what it returns",
                "一次 fork 之后有两个进程，第二次 fork 两个都会执行：只调用一次，并保存返回值",
            ),
            expected=2,
            actual=len(copies),
        )


def most_copies(seen: Seen, speakers: set[int]) -> list[int]:
    """Return the pids of the most processes that came of one by fork alone, and that stayed, or have spoken."""
    found: dict[int, list[int]] = {}
    for history in seen.trace.processes:
        is_first = history is origin(seen, history)
        if is_first or history.pid in speakers or seen.at_work(history) > STAYS:
            found.setdefault(origin(seen, history).pid, []).append(history.pid)
    return sorted(max(found.values(), key=len))


def origin(seen: Seen, history: History) -> History:
    """Return the process of which another is a copy, by as many forks as it may be; itself if it executed a program."""
    parent = seen.trace.parent(history)
    while parent and parent.command == history.command:
        history, parent = parent, seen.trace.parent(parent)
    return history


def stays_and_ends(seen: Seen, child: History) -> None:
    """See a child stay for about 0.3 s, and then end by itself."""
    stayed = seen.at_work(child)
    if stayed < seen.enough(STAYS):
        seen.can_tell(0.3)
        raise not_for_so_long(
            seen, child, stayed, tr("the child sleeps for 0.3 s before it ends", "子进程先睡眠 0.3 秒，再结束")
        )
    if not seen.at_most(seen.in_state(child, "S"), LONGEST):
        raise not_for_so_long(
            seen, child, seen.lived(child), tr("0.3 s are enough: time.sleep(0.3)", "0.3 秒就够了：time.sleep(0.3)")
        )
    seen.ends_by_itself(child)


def not_for_so_long(seen: Seen, child: History, stayed: float, advice: str) -> Mistake:
    """Return the mistake of a child that was there for too short a time, or for too long."""
    return seen.mistake(
        "does-not-stay",
        tr(
            f"your child {child.pid} was there for {stayed:.2f} s, and not for 0.3 s",
            f"您的子进程 {child.pid} 停留了 {stayed:.2f} 秒，而不是 0.3 秒",
        ),
        advice=advice,
        expected=tr("0.3 s", "0.3 秒"),
        actual=tr(f"{stayed:.2f} s", f"{stayed:.2f} 秒"),
    )
