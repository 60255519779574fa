"""Exercise 4: a value that the child changes in its own copy, while the parent's stays."""

import re

from checks.judging import ticks
from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import STAYS, Seen, numbers
from lab.exercises.seed import Values
from lab.language import tr
from lab.trace import History

LINE = re.compile(r"pid\s*=\s*(\d{1,9})[\s,]+a\s*=\s*(-?\d{1,9})")  # two that print at once may share a line


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program, and note when it prints."""
    return ticks.run(seat, "fork-copy", terminal=False)


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Compare who there was with who has printed what."""
    seen = Seen.of(evidence)
    return results(
        Check("ran", tr("the program runs to its end", "程序运行到结束"), seen.ran),
        Check("forked", tr("one process becomes two", "一个进程变成两个"), lambda: forked(seen), after="ran"),
        Check(
            "printed",
            tr("each of the two prints its pid and its value", "两个进程各自打印自己的 PID 和值"),
            lambda: printed(seen),
            after="forked",
        ),
        Check(
            "copied",
            tr("the child changes its own copy only", "子进程只改变自己的那一份"),
            lambda: copied(seen, evidence, values),
            after="printed",
        ),
        Check(
            "values",
            tr(
                f"{values['before']} before, {values['after']} in the child",
                f"原来是 {values['before']}，子进程中是 {values['after']}",
            ),
            lambda: has_values(seen, values),
            after="copied",
        ),
    )


def said(seen: Seen) -> dict[int, int]:
    """Return the values printed, by the pid beside each."""
    return {int(pid): int(value) for pid, value in LINE.findall("\n".join(seen.said))}


def forked(seen: Seen) -> None:
    """See a child, and no more who have forked on: a program that was executed in one of them is none."""
    seen.has_another()
    stayed = {h.pid for h in seen.others if h.command == seen.root.command and seen.at_work(h) > STAYS}
    copies = sorted({seen.root.pid} | stayed | (said(seen).keys() & seen.pids))
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


def printed(seen: Seen) -> tuple[History, History]:
    """Return the parent and the child that have each printed a line."""
    lines = said(seen)
    foreign = sorted(lines.keys() - seen.pids)
    if foreign:
        raise seen.mistake(
            "foreign-pid",
            tr(
                f"pid={foreign[0]} was printed, and none of your processes has that pid",
                f"打印了 pid={foreign[0]}，但您的进程中没有这个 PID",
            ),
            advice=tr(
                "a process learns its own pid from os.getpid(); what fork returns in the child is 0",
                "进程用 os.getpid() 得到自己的 PID；fork 在子进程中返回的是 0",
            ),
            expected=numbers(sorted(seen.pids)),
            actual=foreign[0],
        )
    speakers = [process for process in seen.trace.processes if process.pid in lines]
    for child in speakers:
        is_orphan = child is not seen.root and child.ppid not in seen.pids  # since before it was seen first
        parent = seen.root if is_orphan else seen.trace.parent(child)
        if parent in speakers:
            return parent, child
    raise seen.mistake(
        "not-two-lines",
        tr(
            f"{len(lines)} of your processes printed a line such as pid={seen.root.pid} a=1, and not both of them",
            f"只有 {len(lines)} 个进程打印了 pid={seen.root.pid} a=1 这样的一行，而不是父子都打印",
        ),
        advice=tr(
            'both print exactly this: f"pid={os.getpid()} a={a}"; the child with flush=True',
            '两个进程都照此打印：f"pid={os.getpid()} a={a}"；子进程加上 flush=True',
        ),
        expected=tr("two lines", "两行"),
        actual=" | ".join(seen.said)[:60],
    )


def copied(seen: Seen, evidence: Evidence, values: Values) -> None:
    """See the child's value differ from the parent's, which is not the changed one, and is printed after a wait."""
    parent, child = printed(seen)
    theirs, ours = said(seen)[child.pid], said(seen)[parent.pid]
    if ours == values["after"] and theirs == values["before"]:
        raise seen.mistake(
            "parent-changed",
            tr(
                f"the parent {parent.pid} has changed its a to {ours}; the child {child.pid} still has {theirs}",
                f"父进程 {parent.pid} 把自己的 a 改成了 {ours}；子进程 {child.pid} 的还是 {theirs}",
            ),
            advice=tr(
                "the child is where fork has returned 0: make the change there",
                "fork 返回 0 的那一边才是子进程：在那里改",
            ),
            expected=tr(f"{values['before']} in the parent", f"父进程中是 {values['before']}"),
            actual=ours,
        )
    if ours == theirs:
        raise seen.mistake(
            "same-value",
            tr(
                f"parent {parent.pid} and child {child.pid} have the same a: {ours}",
                f"父进程 {parent.pid} 和子进程 {child.pid} 的 a 相同：{ours}",
            ),
            advice=tr(
                "change it after the fork, and in the child only: what is changed before is copied",
                "在 fork 之后改，并且只在子进程里改：之前改的会被复制过去",
            ),
            expected=tr("two values", "两个不同的值"),
            actual=ours,
        )
    ended = seen.ended_at(child)
    at = min(printed_at(seen, evidence, parent), seen.ended_at(parent))
    if at < ended:
        seen.can_tell(STAYS, known=seen.unseen)
    if at < ended - seen.unseen:
        raise not_waited(seen, parent, child, ended - at)


def printed_at(seen: Seen, evidence: Evidence, process: History) -> float:
    """Return when a process's line was there, at the latest: its last, since one may have been in a copied buffer."""
    lines = [
        number
        for number, line in enumerate(seen.said, 1)
        if any(int(pid) == process.pid for pid, _ in LINE.findall(line))
    ]
    return next((moment for moment, count, _ in evidence["ticks"] if lines and count >= lines[-1]), seen.trace.seconds)


def not_waited(seen: Seen, parent: History, child: History, early: float) -> Mistake:
    """Return the mistake of a parent whose value was printed before the child had ended."""
    return seen.mistake(
        "not-waited",
        tr(
            f"the parent {parent.pid} printed its line, or ended, {early:.1f} s before its child {child.pid} did: "
            "was the change made by then?",
            f"父进程 {parent.pid} 在子进程 {child.pid} 结束之前 {early:.1f} 秒，就已经打印或结束：那时值改变了吗？",
        ),
        advice=tr(
            "only after os.wait() does the parent's value show that the child's change has not reached it",
            "只有在 os.wait() 之后打印，才能说明子进程的改变没有影响到父进程",
        ),
        expected=tr("the child ends first", "子进程先结束"),
        actual=tr("the parent prints first", "父进程先打印"),
    )


def has_values(seen: Seen, values: Values) -> None:
    """Compare both values with those of this seat."""
    parent, child = printed(seen)
    theirs, ours = said(seen)[child.pid], said(seen)[parent.pid]
    if (ours, theirs) != (values["before"], values["after"]):
        raise seen.other_values(
            tr(f"the parent has printed {ours}, the child {theirs}", f"父进程打印了 {ours}，子进程打印了 {theirs}"),
            values["number"],
            expected=f"{values['before']}, {values['after']}",
            actual=f"{ours}, {theirs}",
        )
