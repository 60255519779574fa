"""Exercise 6: a child's exit status, kept by the kernel, and printed by the parent."""

import re

from checks.judging import ticks
from checks.judging.result import Check, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen
from lab.exercises.seed import Values
from lab.language import tr
from lab.trace import History

KEPT = 0.2  # seconds of the half that the parent sleeps


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program, and note when it prints."""
    return ticks.run(seat, "exit-status", terminal=False)


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Compare the child's status, what was printed, and what was asked for."""
    seen = Seen.of(evidence)
    return results(
        Check("ran", tr("the program runs to its end", "程序运行到结束"), seen.ran),
        Check("kept", tr("a child leaves its status", "子进程留下它的状态"), lambda: kept(seen, values), after="ran"),
        Check(
            "printed",
            tr("the parent prints that status", "父进程打印这个状态"),
            lambda: is_printed(seen, evidence, values),
            after="kept",
        ),
        Check(
            "values",
            tr(f"it is this seat's: {values['code']}", f"它是这个座位的：{values['code']}"),
            lambda: has_values(seen, values),
            after="printed",
        ),
    )


def kept(seen: Seen, values: Values) -> tuple[History, int]:
    """Return the child that was kept as a zombie, and its status: the one asked for, if there is such a child."""
    found = [
        (history, history.exit.code)
        for history in seen.others
        if history.exit and history.exit.code is not None and seen.kept(history) > seen.enough(KEPT)
    ]
    if found:
        return next((pair for pair in found if pair[1] == values["code"]), found[0])
    same = [history for history in seen.others if history.command == seen.root.command]  # no other program
    ran_on = [history for history in same if seen.in_state(history, "RSD") - seen.waited(history) > KEPT]
    if ran_on:
        raise seen.mistake(
            "ran-on",
            tr(
                f"your child {ran_on[0].pid} did not end at once: it ran on beside its parent",
                f"您的子进程 {ran_on[0].pid} 没有立即结束：它与父进程一起继续运行",
            ),
            advice=tr(
                "without os._exit the child goes on with the lines after the if, which are meant for the parent",
                "没有 os._exit，子进程会继续执行 if 之后的语句，而那是给父进程的",
            ),
            expected=tr("Z at once", "立即成为 Z"),
            actual="S",
        )
    seen.can_tell(0.3)
    seen.served(within=0.3, since=min((child.first_seen for child in seen.others), default=0.0))
    raise seen.mistake(
        "not-kept",
        tr(
            "no status was kept: while its parent slept, no child had ended without being waited for (Z)",
            "没有保存下来的状态：父进程睡眠时，没有子进程已经结束而还没有被等待（Z）",
        ),
        advice=tr(
            "fork a child that ends at once; the parent sleeps for 0.5 s before it waits (a shell waits by itself)",
            "fork 一个立即结束的子进程；父进程先睡眠 0.5 秒，再 wait（shell 会自己立即 wait）",
        ),
        expected="Z",
        actual=tr("none", "没有"),
    )


def last_number(seen: Seen) -> int | None:
    """Return the number that the last line printed ends in."""
    lines = [line for line in seen.said if line.strip()]
    found = re.search(r"(\d{1,9})\D*$", lines[-1]) if lines else None
    return int(found[1]) if found else None


def is_printed(seen: Seen, evidence: Evidence, values: Values) -> None:
    """Compare what was printed with what the kernel has kept until then."""
    child, status = kept(seen, values)
    said = last_number(seen)
    asked, printed = child.gone or seen.trace.seconds, evidence["ticks"][-1][0]
    if said == status and seen.trace.stdout.text.endswith("\n") and printed < asked - seen.unseen:
        raise seen.mistake(
            "too-early",
            tr(
                f"{said} was printed at {printed:.1f} s; the child {child.pid} was waited for at {asked:.1f} s only",
                f"{said} 在 {printed:.1f} 秒时就打印了，而 {asked:.1f} 秒时才等待子进程 {child.pid}",
            ),
            advice=tr(
                "the parent learns the status from wait, and prints it then; what is printed before is a guess",
                "父进程从 wait 得到状态之后才打印；在这之前打印的只是猜测",
            ),
            expected=tr("printed after wait", "在 wait 之后打印"),
            actual=tr("before", "在这之前"),
        )
    if said == status:
        return
    ended = tr(f"your child {child.pid} ended with status {status}", f"您的子进程 {child.pid} 以状态 {status} 结束")
    if said == status << 8:
        raise seen.mistake(
            "raw-status",
            ended + tr(f", and {said} was printed: the whole word", f"，却打印了 {said}：整个状态字"),
            advice=tr(
                f"{said} is {hex(said)}: the status is its second byte; os.waitstatus_to_exitcode takes it out",
                f"{said} 就是 {hex(said)}：状态是它的第二个字节；用 os.waitstatus_to_exitcode 取出",
            ),
            expected=status,
            actual=said,
        )
    raise seen.mistake(
        "not-printed",
        ended + tr(", but the last line printed does not end in it", "，但打印的最后一行不以它结尾"),
        advice=tr(
            "print what wait brought, by os.waitstatus_to_exitcode, as the last thing",
            "最后打印 wait 带回的状态，用 os.waitstatus_to_exitcode 转换",
        ),
        expected=status,
        actual=(seen.said or [""])[-1][:60],
    )


def has_values(seen: Seen, values: Values) -> None:
    """Compare the status with what was asked for in this seat."""
    child, status = kept(seen, values)
    if status != values["code"]:
        raise seen.other_values(
            tr(f"your child {child.pid} ended with status {status}", f"您的子进程 {child.pid} 以状态 {status} 结束"),
            values["number"],
            expected=values["code"],
            actual=status,
        )
