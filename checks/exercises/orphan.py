"""Exercise 7: a child that outlives its parent, is adopted, and ends by itself."""

from checks.judging.result import Check, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import SURE, Seen
from lab.exercises.seed import Values
from lab.language import tr
from lab.trace import History


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program."""
    return seat.run("orphan")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say who was whose parent, and until when."""
    seen, code = Seen.of(evidence), int(values["code"])
    return results(
        Check("ran", tr("parent and child end by themselves", "父子进程都自己结束"), lambda: ran(seen, code)),
        Check(
            "orphan", tr("a child is adopted while it lives", "子进程活着时被收养"), lambda: orphan(seen), after="ran"
        ),
        Check(
            "values",
            tr(
                f"work {values['work']} s, then alone {values['alone']} s, status {values['code']}",
                f"工作 {values['work']} 秒，然后独自 {values['alone']} 秒，状态 {values['code']}",
            ),
            lambda: has_values(seen, values),
            after="orphan",
        ),
    )


def ran(seen: Seen, code: int) -> None:
    """See nobody killed, and nobody left running."""
    killed = seen.trace.exit.signal if seen.trace.exit else None
    if killed and not seen.trace.cut:
        raise seen.mistake(
            "parent-killed",
            tr(
                f"the parent {seen.root.pid} was killed by signal {killed}; it should end by itself",
                f"父进程 {seen.root.pid} 被信号 {killed} 杀死；它应该自己结束",
            ),
            advice=tr(
                "a parent that has done its work leaves with sys.exit; nobody has to kill it",
                "父进程做完工作后用 sys.exit 离开，不需要谁来杀死它",
            ),
            expected=tr("an exit status", "退出状态"),
            actual=tr(f"signal {killed}", f"信号 {killed}"),
        )
    seen.ran_with_a_status(code)


def alone(seen: Seen, child: History) -> float:
    """Return the seconds from the end of the program's first process to that of another."""
    return seen.ended_at(child) - seen.ended_at(seen.root)


def is_adopted(seen: Seen, child: History) -> bool:
    """Tell whether a process was given a parent from outside, and was seen alive with it."""
    late = [span for span in child.parents if span.value not in seen.pids]
    return bool(late) and seen.ended_at(child) - late[0].start > seen.unseen


def orphan(seen: Seen) -> History:
    """Return the process that was on its own for the longest time."""
    if not seen.others:
        raise seen.mistake(
            "no-child",
            tr(
                f"your program was one process, {seen.root.pid}: a child, if it had one, was gone within a moment",
                f"您的程序只有一个进程 {seen.root.pid}：如果有子进程，它也是一瞬间就消失了",
            ),
            advice=tr("fork a child that lives longer than its parent", "fork 一个比父进程活得更久的子进程"),
            expected=tr("two processes", "两个进程"),
            actual=tr("one process", "一个进程"),
        )
    adopted = [child for child in seen.others if is_adopted(seen, child)]
    if adopted:
        return max(adopted, key=lambda child: alone(seen, child))
    child = max(seen.others, key=seen.ended_at)
    seen.can_tell(SURE)
    unasked = seen.in_state(seen.root, "S", [span for span in child.states if span.value == "Z"])
    stayed = -alone(seen, child)
    if stayed > seen.slack or unasked > seen.unseen:
        if unasked <= seen.unseen:  # else it slept, which was its own choice
            seen.served(within=stayed - seen.slack, since=child.first_seen)
        raise seen.mistake(
            "child-first",
            tr(
                f"your child {child.pid} ended {stayed:.1f} s before its parent {seen.root.pid} did",
                f"您的子进程 {child.pid} 比父进程 {seen.root.pid} 早结束 {stayed:.1f} 秒",
            ),
            advice=tr(
                "it must live longer than its parent: let it sleep for the parent's time and its own",
                "它必须比父进程活得更久：让它睡眠父进程的时间再加上自己的时间",
            ),
            expected=tr("the parent ends first", "父进程先结束"),
            actual=tr("the child ends first", "子进程先结束"),
        )
    raise seen.mistake(
        "parent-waits",
        tr(
            f"the parent {seen.root.pid} was there until its child {child.pid} had ended: no orphan",
            f"父进程 {seen.root.pid} 一直等到子进程 {child.pid} 结束：没有孤儿进程",
        ),
        advice=tr(
            "something in the parent waits for the child: wait, or the end of a multiprocessing program",
            "父进程里有东西在等待子进程：wait，或者 multiprocessing 程序的结尾",
        ),
        expected=tr("the parent ends first", "父进程先结束"),
        actual=tr("the parent waits", "父进程在等待"),
    )


def has_values(seen: Seen, values: Values) -> None:
    """Compare the times and the exit status with those of this seat."""
    child = orphan(seen)
    work, lonely, code = float(values["work"]), float(values["alone"]), values["code"]
    worked, was, status = seen.ended_at(seen.root) - child.first_seen, alone(seen, child), seen.status
    slept = seen.in_state(child, "S")  # an interpreter that needed time to start ends later, having slept as long
    is_code, off = status == code, min(abs(was - lonely), abs(slept - work - lonely))
    if is_code and seen.is_asked(max(abs(worked - work), off)):
        return
    raise seen.other_values(
        tr(
            f"the parent ended {worked:.1f} s after your child {child.pid} began, with status {status}; "
            f"the child was alone for {was:.1f} s",
            f"您的子进程 {child.pid} 开始 {worked:.1f} 秒后，父进程以状态 {status} 结束；子进程独自活了 {was:.1f} 秒",
        ),
        values["number"],
        expected=tr(f"{work} s, {lonely} s, status {code}", f"{work} 秒、{lonely} 秒，状态 {code}"),
        actual=tr(f"{worked:.1f} s, {was:.1f} s, status {status}", f"{worked:.1f} 秒、{was:.1f} 秒，状态 {status}"),
    )
