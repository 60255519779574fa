"""Exercise 7: a child that outlives its parent, is adopted, and ends by itself."""

from checks.judging.drawn import is_a_seats
from checks.judging.pair import complaint, crashed, ends_by_itself
from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import CHOSEN, NEAR, STAYS, SURE, Seen, numbers
from lab.language import tr
from lab.student.seed import Values
from lab.trace import History, Span

SHOWN = 0.05  # seconds; less is 0.0 in a sentence
IDLE = 0.1  # seconds of sleep; each seat's parent has 0.3 at least


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
            "ends",
            tr("the orphan ends by itself", "孤儿进程自己结束"),
            lambda: ends_by_itself(seen, orphan(seen)),
            after="orphan",
        ),
        Check(
            "values",
            tr(
                f"work {values['work']} s, then alone {values['alone']} s, status {values['code']}",
                f"工作 {values['work']} 秒，然后独自 {values['alone']} 秒，状态 {values['code']}",
            ),
            lambda: has_values(seen, values),
            after="ends",
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


def adopted_at(seen: Seen, child: History) -> float | None:
    """Return when a process was first seen with a parent from outside, None for never."""
    return next((span.start for span in child.parents if span.value not in seen.pids), None)


def is_adopted(seen: Seen, child: History) -> bool:
    """Tell whether a process was given a parent from outside, and was seen alive with it."""
    since = adopted_at(seen, child)
    return since is not None and seen.ended_at(child) - since > seen.unseen


def orphan(seen: Seen) -> History:
    """Return the one process that was adopted when the first process ended."""
    if not seen.others:
        raise no_child(seen)
    adopted = [child for child in seen.others if is_adopted(seen, child)]
    if not adopted:
        raise none_adopted(seen)
    child = max(adopted, key=lambda child: alone(seen, child))
    early = seen.ended_at(seen.root) - (adopted_at(seen, child) or 0.0)
    if early > 0 and not seen.is_asked(early):
        raise adopted_early(seen, child, early)
    if len(adopted) > 1:
        raise several(seen, adopted)
    if copies := [other for other in seen.others if is_another(seen, other, child)]:
        raise forks_more(seen, [child, *copies])
    return child


def is_another(seen: Seen, other: History, child: History) -> bool:
    """Tell whether a process stayed that runs what the orphan or the first one runs, and is not it, nor its parent."""
    is_new = other is not child and other is not seen.trace.parent(child)
    return is_new and other.command in (child.command, seen.root.command) and seen.in_state(other, "S") > STAYS


def forks_more(seen: Seen, children: list[History]) -> Mistake:
    """Return the mistake of more children than one, of which one is an orphan."""
    pids = numbers([child.pid for child in children])
    return seen.mistake(
        "several",
        tr(
            f"the parent {seen.root.pid} was not alone with one child: {pids}",
            f"除了父进程 {seen.root.pid}，子进程不止一个：{pids}",
        ),
        advice=tr("fork once", "fork 只调用一次"),
        expected=tr("one child", "一个子进程"),
        actual=len(children),
    )


def no_child(seen: Seen) -> Mistake:
    """Return the mistake of a program of one process; a child that fails at once may not have been seen."""
    if words := complaint(seen):
        return crashed(
            seen, tr(f"no child lived on: an error has ended it{words}", f"没有继续存活的子进程：它因出错而结束{words}")
        )
    threads = max(span.value for span in seen.root.threads)
    alone = tr(f"your program was one process, {seen.root.pid}", f"您的程序只有一个进程 {seen.root.pid}")
    return seen.mistake(
        "no-child",
        alone
        + (
            tr(f", with {threads} threads", f"，它有 {threads} 个线程")
            if threads > 1
            else tr(": a child, if it had one, was gone within a moment", "：如果有子进程，它也是一瞬间就消失了")
        ),
        advice=tr(
            "a thread ends with its process: fork a child that lives longer than its parent",
            "线程随进程一起结束：请 fork 一个比父进程活得更久的子进程",
        )
        if threads > 1
        else tr("fork a child that lives longer than its parent", "fork 一个比父进程活得更久的子进程"),
        expected=tr("two processes", "两个进程"),
        actual=tr("one process", "一个进程"),
    )


def none_adopted(seen: Seen) -> Mistake:
    """Return the mistake of a program whose child did not outlive its first process."""
    child = max(seen.others, key=seen.ended_at)
    ends_by_itself(seen, child)
    seen.can_tell(SURE)
    unasked = seen.in_state(seen.root, "S", [span for span in child.states if span.value == "Z"])
    stayed = -alone(seen, child)
    if stayed <= seen.slack and unasked <= seen.unseen and seen.is_reaped(child) is not False:
        return waits(seen, child)
    if stayed > seen.slack and unasked <= seen.unseen:  # else it slept, which was its own choice
        seen.served(within=stayed - seen.slack, since=child.first_seen)
    return child_first(seen, child, stayed)


def child_first(seen: Seen, child: History, stayed: float) -> Mistake:
    """Return the mistake of a child that ends while its parent is there."""
    return seen.mistake(
        "child-first",
        tr(
            f"your child {child.pid} ended {stayed:.1f} s before its parent {seen.root.pid} did",
            f"您的子进程 {child.pid} 比父进程 {seen.root.pid} 早结束 {stayed:.1f} 秒",
        )
        if stayed >= SHOWN
        else tr(
            f"your child {child.pid} ended when its parent {seen.root.pid} did",
            f"您的子进程 {child.pid} 与父进程 {seen.root.pid} 同时结束",
        ),
        advice=tr(
            "it must live longer than its parent: let it sleep for the parent's time and its own",
            "它必须比父进程活得更久：让它睡眠父进程的时间再加上自己的时间",
        ),
        expected=tr("the parent ends first", "父进程先结束"),
        actual=tr("the child ends first", "子进程先结束") if stayed >= SHOWN else tr("at the same time", "同时"),
    )


def waits(seen: Seen, child: History) -> Mistake:
    """Return the mistake of a parent that ends as soon as its child has."""
    return seen.mistake(
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


def adopted_early(seen: Seen, child: History, early: float) -> Mistake:
    """Return the mistake of an orphan of another process than the first."""
    return seen.mistake(
        "adopted-early",
        tr(
            f"process {child.pid} was adopted {early:.1f} s before the program's first process {seen.root.pid} ended: "
            "its parent was another",
            f"进程 {child.pid} 在第一个进程 {seen.root.pid} 结束前 {early:.1f} 秒就被收养了：它的父进程是别的进程",
        ),
        advice=tr(
            "one fork is enough here: the orphan is a child of the first process, and is adopted when that ends",
            "这里只要一次 fork：孤儿进程是第一个进程的子进程，第一个进程结束时才被收养",
        ),
        expected=tr("adopted at the parent's end", "父进程结束时被收养"),
        actual=tr(f"{early:.1f} s before", f"早了 {early:.1f} 秒"),
    )


def several(seen: Seen, adopted: list[History]) -> Mistake:
    """Return the mistake of more orphans than one."""
    pids = numbers([child.pid for child in adopted])
    return seen.mistake(
        "several",
        tr(
            f"{len(adopted)} processes outlived the parent {seen.root.pid}: {pids}",
            f"有 {len(adopted)} 个进程比父进程 {seen.root.pid} 活得更久：{pids}",
        ),
        advice=tr(
            "fork once: after it both processes go on, and a second fork is done by both",
            "fork 只调用一次：之后两个进程都会继续执行，遇到第二个 fork 也都会执行",
        ),
        expected=tr("one orphan", "一个孤儿进程"),
        actual=len(adopted),
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
    if status not in CHOSEN:
        raise wrong_status(seen, code)
    if not is_a_seats("orphan", "work", worked, NEAR) or is_at_once(seen, child, work):
        raise wrong_work(seen, child, worked, work)
    is_ours = is_code and seen.about(worked, work)  # then a time that is another seat's too is a slip
    if not is_a_seats("orphan", "alone", was, NEAR) or (
        is_ours and (seen.about(was, work + lonely) or seen.about(seen.lived(child), lonely))
    ):
        raise wrong_alone(seen, child, was, values)
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


def is_at_once(seen: Seen, child: History, work: float) -> bool:
    """Tell whether the parent ended, too early or too late, and had not slept since its child began."""
    end = seen.ended_at(seen.root)
    slept = seen.in_state(seen.root, "S", [Span(child.first_seen, end, 0)])
    return slept < IDLE and not seen.about(end - child.first_seen, work)


def wrong_status(seen: Seen, code: object) -> Mistake:
    """Return the mistake of a parent whose exit status is no seat's."""
    return seen.mistake(
        "wrong-status",
        tr(
            f"the parent {seen.root.pid} ended with status {seen.status}, and not with {code}",
            f"父进程 {seen.root.pid} 以状态 {seen.status} 结束，而不是 {code}",
        ),
        advice=tr(
            f"the status is the parent's own: its last line is sys.exit({code}); the child's is not looked at",
            f"这是父进程自己的退出状态：它的最后一行是 sys.exit({code})；子进程的状态不算数",
        ),
        expected=code,
        actual=seen.status,
    )


def wrong_work(seen: Seen, child: History, worked: float, work: float) -> Mistake:
    """Return the mistake of a parent that does not stay for its time after the fork."""
    return seen.mistake(
        "wrong-work",
        tr(
            f"the parent {seen.root.pid} ended {worked:.1f} s after your child {child.pid} began, "
            f"and not {work} s after",
            f"您的子进程 {child.pid} 开始 {worked:.1f} 秒后父进程 {seen.root.pid} 就结束了，而不是 {work} 秒后",
        ),
        advice=tr(
            f"the fork comes first; then the parent sleeps for {work} s, and ends",
            f"先 fork；然后父进程睡眠 {work} 秒，结束",
        ),
        expected=tr(f"{work} s", f"{work} 秒"),
        actual=tr(f"{worked:.1f} s", f"{worked:.1f} 秒"),
    )


def wrong_alone(seen: Seen, child: History, was: float, values: Values) -> Mistake:
    """Return the mistake of an orphan whose time alone is no seat's."""
    work, lonely = float(values["work"]), float(values["alone"])
    is_the_parents = child.exit is None or child.exit.code == seen.status
    is_through = is_the_parents and seen.about(was, work + lonely)  # it does the parent's part as well
    return seen.mistake(
        "wrong-alone",
        tr(
            f"your child {child.pid} lived on for {was:.1f} s after its parent's end, and not for {lonely} s",
            f"您的子进程 {child.pid} 在父进程结束后又活了 {was:.1f} 秒，而不是 {lonely} 秒",
        ),
        advice=tr(
            "does it go on with the parent's part? End it with os._exit(0) where its own part ends",
            "它是否接着执行了父进程的部分？在子进程部分的末尾用 os._exit(0) 结束它",
        )
        if is_through
        else tr(
            f"count from the fork: it sleeps for {work} + {lonely} s, and ends",
            f"从 fork 算起：它睡眠 {work} + {lonely} 秒，然后结束",
        ),
        expected=tr(f"{lonely} s", f"{lonely} 秒"),
        actual=tr(f"{was:.1f} s", f"{was:.1f} 秒"),
    )
