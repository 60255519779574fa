"""Exercise 4: a value that the child changes in its own copy, while the parent's stays."""

import re
from dataclasses import dataclass

from checks.judging import heard, pair
from checks.judging.heard import Line, may_have_printed
from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import STAYS, Seen, numbers
from lab.language import tr
from lab.student.seed import Values
from lab.trace import History

LINE = re.compile(r"pid\s*=\s*(\d{1,9})[\s,]+a\s*=\s*(-?\d{1,9})")
RANGE = range(100, 1000)  # of the values of any seat


@dataclass(frozen=True)
class Said(Line):
    """A line that counts: whose pid and which value it tells."""

    pid: int
    value: int
    whole: str  # the line, of which `text` may be but a part


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program, and note when it prints."""
    return heard.run(seat, "fork-copy", LINE)


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Compare who there was with who has printed what."""
    seen, lines = Seen.of(evidence), said(evidence)
    return results(
        Check("ran", tr("the program runs to its end", "程序运行到结束"), seen.ran),
        Check("forked", tr("one process becomes two", "一个进程变成两个"), lambda: forked(seen, lines), after="ran"),
        Check(
            "printed",
            tr("each of the two prints its pid and its value", "两个进程各自打印自己的 PID 和值"),
            lambda: printed(seen, lines),
            after="forked",
        ),
        Check(
            "stayed",
            tr("the child stays, ends, and is waited for", "子进程停留片刻再结束，父进程等待它"),
            lambda: stayed(seen, lines),
            after="printed",
        ),
        Check(
            "copied",
            tr("the child changes its own copy only", "子进程只改变自己的那一份"),
            lambda: copied(seen, lines, values),
            after="stayed",
        ),
        Check(
            "values",
            tr(
                f"{values['before']} before, {values['after']} in the child",
                f"原来是 {values['before']}，子进程中是 {values['after']}",
            ),
            lambda: has_values(seen, lines, values),
            after="copied",
        ),
    )


def said(evidence: Evidence) -> list[Said]:
    """Return the lines that count, each with what it tells; two where one line has both."""
    return [
        Said(line.moment, found[0], int(found[1]), int(found[2]), line.text)
        for line in heard.lines(evidence)
        for found in LINE.finditer(line.text)
    ]


def forked(seen: Seen, lines: list[Said]) -> None:
    """See two processes, and no more."""
    pair.forked_once(seen, [line.pid for line in lines])


def printed(seen: Seen, lines: list[Said]) -> None:
    """See two lines, of the parent and of the child, each printed by whose pid it tells."""
    foreign = [line.pid for line in lines if line.pid not in seen.pids]
    if foreign:
        raise foreign_pid(seen, foreign[0])
    if len(lines) < 2:
        raise not_two_lines(seen, lines)
    if len({line.pid for line in lines}) < 2:
        raise same_pid(seen, lines)
    if len(lines) > 2:
        raise too_many_lines(seen, lines)
    for line, process in zip(both(seen, lines), histories(seen, lines), strict=True):
        if not may_have_printed(seen, process, line):
            raise not_its_own(seen, line)
    is_late = lines[0].moment > seen.ended_at(histories(seen, lines)[1]) - seen.unseen
    if lines[0].whole == lines[1].whole and is_late:  # two that print at once may share a line
        raise one_line(seen, lines[0].whole)


def both(seen: Seen, lines: list[Said]) -> tuple[Said, Said]:
    """Return the parent's line, and the child's. Raises Mistake if they are not of such two."""
    first, second = lines
    for parent, child in ((first, second), (second, first)):
        process = seen.history(child.pid)
        if process and process is not seen.root and parent.pid == first_parent(seen, process):
            return parent, child
    raise seen.mistake(
        "no-relatives",
        tr(
            f"the lines are of {first.pid} and {second.pid}, of which neither is the other's parent",
            f"这两行是 {first.pid} 和 {second.pid} 的，而其中没有一个是另一个的父进程",
        ),
        advice=tr("let the parent print, and the child that it forks", "让父进程打印，也让它 fork 的子进程打印"),
        expected=tr("parent and child", "父进程和子进程"),
        actual=f"{first.pid}, {second.pid}",
    )


def first_parent(seen: Seen, process: History) -> int:
    """Return a process's first parent; one that the first process did not outlive may have been adopted since."""
    is_orphan = process.ppid not in seen.pids and seen.ended_at(seen.root) < seen.ended_at(process)
    return seen.root.pid if is_orphan else process.ppid


def histories(seen: Seen, lines: list[Said]) -> tuple[History, History]:
    """Return the parent and the child."""
    parent, child = (seen.history(line.pid) for line in both(seen, lines))
    return parent or seen.root, child or seen.root


def stayed(seen: Seen, lines: list[Said]) -> None:
    """See the child stay and end, and the parent wait for it, and print after that."""
    parent, child = histories(seen, lines)
    pair.stays_and_ends(seen, child)
    early = seen.ended_at(child) - both(seen, lines)[0].moment
    if early > seen.unseen:
        seen.can_tell(STAYS, known=seen.unseen)
        raise not_waited(seen, parent, child, early)
    if seen.is_reaped(child) is False:
        raise seen.never_waited(child)
    early = (child.gone or seen.trace.seconds) - both(seen, lines)[0].moment
    if early > seen.unseen:
        seen.can_tell(STAYS, known=seen.unseen)
        raise waited_later(seen, parent, child, early)


def copied(seen: Seen, lines: list[Said], values: Values) -> None:
    """See the child's value differ from the parent's, which is not the changed one."""
    parent, child = both(seen, lines)
    if parent.value == values["after"] and child.value == values["before"]:
        raise parent_changed(seen, parent, child)
    if parent.value == child.value:
        raise same_value(seen, parent, child)


def has_values(seen: Seen, lines: list[Said], values: Values) -> None:
    """Compare both values with those of this seat."""
    parent, child = both(seen, lines)
    found, asked = (parent.value, child.value), (int(values["before"]), int(values["after"]))
    if found == asked:
        return
    told = tr(
        f"the parent's a is {found[0]}, the child's {found[1]}",
        f"父进程的 a 是 {found[0]}，子进程的是 {found[1]}",
    )
    expected, actual = numbers(asked), numbers(found)
    if all(a != b and b in RANGE for a, b in zip(asked, found, strict=True)):
        raise seen.other_values(told, values["number"], expected=expected, actual=actual)
    raise seen.mistake(
        "wrong-value",
        told,
        advice=tr(
            f"a = {asked[0]} before the fork, and a = {asked[1]} in the child after it",
            f"fork 之前 a = {asked[0]}；fork 之后，在子进程里 a = {asked[1]}",
        ),
        expected=expected,
        actual=actual,
    )


def foreign_pid(seen: Seen, pid: int) -> Mistake:
    """Return the mistake of a pid that no process was seen to have."""
    return seen.mistake(
        "foreign-pid",
        tr(
            f"pid={pid} was printed, and none of your processes was seen to have that pid",
            f"打印了 pid={pid}，但没有看到您的进程有这个 PID",
        ),
        advice=tr(
            "a process learns its own pid from os.getpid(); what fork returns in the child is 0",
            "进程用 os.getpid() 得到自己的 PID；fork 在子进程中返回的是 0",
        ),
        expected=numbers(sorted(seen.pids)),
        actual=pid,
    )


def not_two_lines(seen: Seen, lines: list[Said]) -> Mistake:
    """Return the mistake of a program of which not both processes have printed what is asked for."""
    said = [line for line in seen.said if line.strip()] or [tr("nothing", "什么也没有")]
    return seen.mistake(
        "not-two-lines",
        tr(
            f"{len(lines)} of two lines such as pid={seen.root.pid} a=1 came; the last line printed: {said[-1][:60]}",
            f"pid={seen.root.pid} a=1 这样的行应有两行，看到 {len(lines)} 行；最后打印的是：{said[-1][:60]}",
        ),
        advice=tr(
            'both print exactly this: f"pid={os.getpid()} a={a}"; the child with flush=True',
            '两个进程都照此打印：f"pid={os.getpid()} a={a}"；子进程加上 flush=True',
        ),
        expected=tr("two lines", "两行"),
        actual=len(lines),
    )


def same_pid(seen: Seen, lines: list[Said]) -> Mistake:
    """Return the mistake of lines that all tell the same pid."""
    return seen.mistake(
        "same-pid",
        tr(
            f"{len(lines)} lines were printed, and all tell the same pid, {lines[0].pid}",
            f"打印了 {len(lines)} 行，而其中的 PID 都是 {lines[0].pid}",
        ),
        advice=tr(
            "each of the two asks os.getpid() after the fork: what was kept before, and os.getppid(), is the parent's",
            "两个进程都要在 fork 之后调用 os.getpid()：fork 之前保存的，以及 os.getppid()，都是父进程的",
        ),
        expected=tr("two pids", "两个不同的 PID"),
        actual=lines[0].pid,
    )


def one_line(seen: Seen, line: str) -> Mistake:
    """Return the mistake of two that print without a line's end."""
    return seen.mistake(
        "one-line",
        tr(f"both have printed into one line: {line[:60]}", f"两个进程打印在同一行里：{line[:60]}"),
        advice=tr("each line ends with a newline, as print writes it", "每一行都以换行符结尾，print 会自动加上"),
        expected=tr("two lines", "两行"),
        actual=line[:60],
    )


def too_many_lines(seen: Seen, lines: list[Said]) -> Mistake:
    """Return the mistake of lines that are not asked for."""
    told = " | ".join(line.text for line in lines[:4])
    return seen.mistake(
        "too-many-lines",
        tr(f"{len(lines)} such lines were printed: {told}", f"这样的行打印了 {len(lines)} 次：{told}"),
        advice=tr(
            "two processes print one line each: does the child, without os._exit, go on with what the parent prints?",
            "两个进程各打印一行：子进程是否没有 os._exit，又去执行了父进程的 print？",
        ),
        expected=tr("two lines", "两行"),
        actual=len(lines),
    )


def not_its_own(seen: Seen, line: Said) -> Mistake:
    """Return the mistake of a line that another process than the one of which it tells has printed."""
    return seen.mistake(
        "not-its-own-line",
        tr(
            f"pid={line.pid} a={line.value} was printed, and not by process {line.pid}: it had written no such line",
            f"打印了 pid={line.pid} a={line.value}，但不是进程 {line.pid} 打印的：它没有写过这样的一行",
        ),
        advice=tr(
            "each of the two prints its own line: neither can see the other's a",
            "两个进程各自打印自己的那一行：谁也看不到对方的 a",
        ),
        expected=tr(f"printed by {line.pid}", f"由 {line.pid} 打印"),
        actual=tr("by another", "由另一个进程打印"),
    )


def parent_changed(seen: Seen, parent: Said, child: Said) -> Mistake:
    """Return the mistake of a change that was made in the wrong one of the two."""
    return seen.mistake(
        "parent-changed",
        tr(
            f"the parent {parent.pid} has changed its a to {parent.value}; the child {child.pid} has {child.value}",
            f"父进程 {parent.pid} 把自己的 a 改成了 {parent.value}；子进程 {child.pid} 的是 {child.value}",
        ),
        advice=tr(
            "the child is where fork has returned 0: make the change there",
            "fork 返回 0 的那一边才是子进程：在那里改",
        ),
        expected=tr("changed in the child", "在子进程中改变"),
        actual=parent.value,
    )


def same_value(seen: Seen, parent: Said, child: Said) -> Mistake:
    """Return the mistake of a change that was made in both, or in none."""
    return seen.mistake(
        "same-value",
        tr(
            f"parent {parent.pid} and child {child.pid} have the same a: {parent.value}",
            f"父进程 {parent.pid} 和子进程 {child.pid} 的 a 相同：{parent.value}",
        ),
        advice=tr(
            "change it after the fork, and in the child only: what is changed before is copied",
            "在 fork 之后改，并且只在子进程里改：之前改的会被复制过去",
        ),
        expected=tr("two values", "两个不同的值"),
        actual=parent.value,
    )


def not_waited(seen: Seen, parent: History, child: History, early: float) -> Mistake:
    """Return the mistake of a parent whose value was printed before the child had ended."""
    return seen.mistake(
        "not-waited",
        tr(
            f"the line of the parent {parent.pid} came {early:.1f} s before its child {child.pid} ended: "
            "was the change made by then?",
            f"父进程 {parent.pid} 的那一行，比它的子进程 {child.pid} 结束早 {early:.1f} 秒：那时值改变了吗？",
        ),
        advice=tr(
            "only after os.wait() does the parent's value show that the child's change has not reached it",
            "只有在 os.wait() 之后打印，才能说明子进程的改变没有影响到父进程",
        ),
        expected=tr("the child ends first", "子进程先结束"),
        actual=tr("the parent prints first", "父进程先打印"),
    )


def waited_later(seen: Seen, parent: History, child: History, early: float) -> Mistake:
    """Return the mistake of a parent that has waited, but not yet when it printed."""
    return seen.mistake(
        "not-waited",
        tr(
            f"the line of the parent {parent.pid} came {early:.1f} s before a wait returned its child {child.pid}",
            f"父进程 {parent.pid} 的那一行，比 wait 得到子进程 {child.pid} 早 {early:.1f} 秒",
        ),
        advice=tr(
            "a sleep is no wait, however long: os.wait() first, and print then",
            "睡眠不是等待，无论多久：先 os.wait()，再打印",
        ),
        expected=tr("wait, then print", "先 wait，再打印"),
        actual=tr("printed first", "先打印"),
    )
