"""Exercise 10: a parent that works on while its child runs, asks for it now and then, and reaps it soon."""

from checks.judging import ticks
from checks.judging.result import Check, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import SURE, Seen
from lab.exercises.seed import Values
from lab.language import counted, tr
from lab.trace import History, Span

CHILD = 0.3  # seconds; the child lives longer, what a shell runs for itself does not
SOON = 0.3  # seconds from the child's end until it is reaped
MORE = 3  # ticks after that


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program on a terminal, and note when it prints."""
    return ticks.run(seat, "waitpid")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say what the parent did while its child ran, and after."""
    seen, code = Seen.of(evidence), int(values["code"])
    return results(
        Check("ran", tr("the program runs to its end", "程序运行到结束"), lambda: seen.ran_with_a_status(code)),
        Check("child", tr("there is a child", "有一个子进程"), lambda: only_child(seen), after="ran"),
        Check(
            "works",
            tr("the parent works on while its child runs", "子进程运行时父进程继续工作"),
            lambda: works(seen, evidence),
            after="child",
        ),
        Check(
            "reaped",
            tr(f"the child is reaped within {SOON} s of its end", f"子进程结束后 {SOON} 秒内被回收"),
            lambda: is_reaped(seen),
            after="child",
        ),
        Check(
            "goes-on",
            tr(f"{MORE} more ticks follow", f"之后再打印 {MORE} 行"),
            lambda: goes_on(seen, evidence),
            after="reaped",
        ),
        Check(
            "values",
            tr(
                f"a child of {values['seconds']} s, status {values['code']} of both",
                f"子进程运行 {values['seconds']} 秒，两者的状态都是 {values['code']}",
            ),
            lambda: has_values(seen, values),
            after="goes-on",
        ),
    )


def only_child(seen: Seen) -> History:
    """Return the child that lived for the longest time."""
    child = max(seen.children, key=seen.lived, default=None)
    if child and seen.lived(child) > seen.enough(CHILD):
        return child
    seen.can_tell(SURE)
    raise seen.mistake(
        "no-child",
        tr(
            f"process {seen.root.pid} had no child, or one that was gone within a moment",
            f"进程 {seen.root.pid} 没有子进程，或者子进程一瞬间就消失了",
        ),
        advice=tr("fork a child that sleeps for its time", "fork 一个子进程，让它睡眠规定的时间"),
        expected=tr("a child", "一个子进程"),
        actual=tr("none", "没有"),
    )


def works(seen: Seen, evidence: Evidence) -> None:
    """See a line come every 0.1 s as long as the child runs, and the parent there until its end."""
    child = only_child(seen)
    end = seen.ended_at(child)
    behind = end - seen.ended_at(seen.root)
    if behind > seen.unseen:
        seen.served(within=behind - seen.unseen, since=0.0)
        raise seen.mistake(
            "left-behind",
            tr(
                f"the parent {seen.root.pid} ended while its child {child.pid} still ran",
                f"父进程 {seen.root.pid} 结束时，子进程 {child.pid} 还在运行",
            ),
            advice=tr(
                "(0, 0) means not yet: ask again, in a loop, between two ticks",
                "(0, 0) 表示“还没有”：用循环，在两个 tick 之间再问",
            ),
            expected=tr("the child ends first", "子进程先结束"),
            actual=tr("the parent ends first", "父进程先结束"),
        )
    ticks.are_not_too_many(seen, evidence, child.first_seen, end)
    below = [grandchild for grandchild in seen.children_of(child) if seen.lived(grandchild) > CHILD]
    is_its_own = ticks.are_its_own(seen, evidence, child.first_seen, end)
    came = ticks.lines(evidence, end) - ticks.lines(evidence, child.first_seen)
    if below and came > 1 and not is_its_own:
        raise seen.not_first(below[0])
    if ticks.works_on(seen, evidence, child.first_seen, end):
        if is_its_own:
            return
        raise ticks.not_its_own(seen, evidence, child.first_seen, end)
    silent = ticks.silence(seen, evidence, child.first_seen, end)
    raise seen.mistake(
        "blocked",
        tr(
            f"the parent {seen.root.pid} printed nothing for {silent:.1f} s while its child {child.pid} ran",
            f"子进程 {child.pid} 运行时，父进程 {seen.root.pid} 有 {silent:.1f} 秒什么也没打印",
        ),
        advice=tr(
            "waitpid without os.WNOHANG stops the parent: ask with it, tick, sleep 0.1 s, and ask again",
            "不带 os.WNOHANG 的 waitpid 会让父进程停住：带上它询问，打印 tick，睡眠 0.1 秒，再问",
        ),
        expected=tr("a line every 0.1 s", "每 0.1 秒一行"),
        actual=tr(f"none for {silent:.1f} s", f"{silent:.1f} 秒没有"),
    )


def is_reaped(seen: Seen) -> None:
    """See the child reaped soon, by a parent that lives on; of one that ends before its next tick, goes_on tells."""
    child = only_child(seen)
    was = seen.zombie(child)
    slept = seen.in_state(seen.root, "S", [span for span in child.states if span.value == "Z"])
    reaped = seen.outlived(seen.root, child)
    if (reaped or was <= ticks.EVERY + seen.unseen) and seen.at_most(slept, SOON):  # it may have waited for the CPU
        return
    stayed = tr(
        f"your child {child.pid} stayed a zombie for {was:.1f} s after it ended; ",
        f"您的子进程 {child.pid} 结束后做了 {was:.1f} 秒的僵尸；",
    )
    if reaped:
        raise seen.mistake(
            "late",
            stayed + tr("its parent asked for it too late", "父进程问得太晚"),
            advice=tr("ask after every tick, not after all of them", "每个 tick 之后都要问，而不是全部打印完再问"),
            expected=tr(f"at most {SOON} s", f"最多 {SOON} 秒"),
            actual=tr(f"{was:.1f} s", f"{was:.1f} 秒"),
        )
    seen.can_tell(SURE)
    raise seen.mistake(
        "never-reaped",
        stayed + tr("its parent never asked for it, or did not live on", "父进程从未询问它，或没有继续运行"),
        advice=tr(
            "os.waitpid(pid, os.WNOHANG) after each tick, until it returns the pid; then three more ticks",
            "每个 tick 之后调用 os.waitpid(pid, os.WNOHANG)，直到它返回这个 PID；然后再打印三个 tick",
        ),
        expected=tr("gone while its parent lives", "父进程还活着时消失"),
        actual=tr("gone with its parent", "与父进程一起消失"),
    )


def goes_on(seen: Seen, evidence: Evidence) -> None:
    """See more lines come after that, each 0.1 s after the one before; the one before it may count as the first."""
    gone = only_child(seen).gone or seen.trace.seconds
    lasted = max(0.0, seen.ended_at(seen.root) - gone)
    after, count = (ticks.count(evidence) - ticks.lines(evidence, moment) for moment in (gone, gone - seen.unseen))
    worked = lasted - seen.waited(seen.root, [Span(gone, seen.trace.seconds, 0)])  # its end alone may take so long
    is_enough = worked >= seen.enough((MORE - 1) * ticks.EVERY)
    if is_enough and after >= MORE - 1:
        return
    seen.can_tell(ticks.EVERY, known=seen.unseen)  # or more than one line may be of before or after
    if is_enough and count >= MORE - 1:
        return
    raise seen.mistake(
        "ends-early",
        tr(
            f"after its child was gone, the parent {seen.root.pid} printed {counted(count, 'line', 'lines')}, "
            f"and ended {lasted:.1f} s later",
            f"子进程消失之后，父进程 {seen.root.pid} 打印了 {count} 行，{lasted:.1f} 秒后结束",
        ),
        advice=tr(
            f"the parent's work does not end with its child: tick {MORE} times more, with time.sleep(0.1) as before",
            f"父进程的工作并不随子进程结束：照样再打印 {MORE} 次 tick，每次 time.sleep(0.1)",
        ),
        expected=tr(f"{MORE} lines, 0.1 s apart", f"{MORE} 行，间隔 0.1 秒"),
        actual=tr(f"{counted(count, 'line', 'lines')} in {lasted:.1f} s", f"{lasted:.1f} 秒里 {count} 行"),
    )


def has_values(seen: Seen, values: Values) -> None:
    """Compare the child's life and the status that was passed on with those of this seat."""
    child = only_child(seen)
    seconds, code = float(values["seconds"]), values["code"]
    was, status = seen.lived(child), seen.status
    if status == code and seen.took(child, seconds):
        return
    if status == 0 or (child.exit and child.exit.code == code != status):
        raise seen.mistake(
            "status-lost",
            tr(
                f"your program ended with status {status}, and not with that of its child {child.pid}",
                f"您的程序以状态 {status} 结束，而不是子进程 {child.pid} 的状态",
            ),
            advice=tr(
                "what waitpid returned beside the pid is the status: sys.exit(os.waitstatus_to_exitcode(status))",
                "waitpid 与 PID 一起返回的就是状态：sys.exit(os.waitstatus_to_exitcode(status))",
            ),
            expected=code,
            actual=status,
        )
    raise seen.other_values(
        tr(
            f"your child {child.pid} ran for {was:.1f} s, and the program ended with status {status}",
            f"您的子进程 {child.pid} 运行了 {was:.1f} 秒，程序以状态 {status} 结束",
        ),
        values["number"],
        expected=tr(f"{seconds} s, status {code}", f"{seconds} 秒，状态 {code}"),
        actual=tr(f"{was:.1f} s, status {status}", f"{was:.1f} 秒，状态 {status}"),
    )
