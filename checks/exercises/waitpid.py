"""Exercise 10: a parent that works on while its child runs, asks for it now and then, and reaps it soon."""

import signal

from checks.judging import ticks
from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import NEAR, SURE, Seen, kept_waiting, numbers
from lab.exercises.waitpid.values import CODES, SECONDS
from lab.language import counted, tr
from lab.student.seed import Values
from lab.trace import History, Span

CHILD = 0.3  # seconds; the child lives longer, what a shell runs for itself does not
SOON = 0.3  # seconds from the child's end until it is reaped
MORE = 3  # ticks after that


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program on a terminal, and note when it prints."""
    return ticks.run(seat, "waitpid")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say what the parent did while its child ran, and after."""
    seen, code = ticks.unwrapped(Seen.of(evidence)), int(values["code"])
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
            after="works",
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
        is_alone(seen, child)
        return child
    seen.can_tell(SURE)
    if child:
        raise short_child(seen, child)
    raise seen.mistake(
        "no-child",
        tr(
            f"process {seen.root.pid} had no child that was seen",
            f"没有看到进程 {seen.root.pid} 的子进程",
        ),
        advice=tr("fork a child that sleeps for its time", "fork 一个子进程，让它睡眠规定的时间"),
        expected=tr("a child", "一个子进程"),
        actual=tr("none", "没有"),
    )


def short_child(seen: Seen, child: History) -> Mistake:
    """Return the mistake of a child that was gone at once: by an error, or since it has not slept."""
    lived = seen.lived(child)
    error = seen.last_words if seen.has_failed(child) else ""
    return seen.mistake(
        "short-child",
        tr(
            f"the child {child.pid} of {seen.root.pid} was gone after {lived:.2f} s",
            f"进程 {seen.root.pid} 的子进程 {child.pid} 只存在了 {lived:.2f} 秒",
        )
        + error,
        advice=tr(
            "an error has ended it: read it, and mend that line of the child's",
            "它因出错而结束：读一读错误信息，改正子进程的那一行",
        )
        if error
        else tr("let the child sleep for its time before it ends", "让子进程先睡眠规定的时间，再结束"),
        expected=tr("a child that sleeps", "睡眠的子进程"),
        actual=tr(f"{lived:.2f} s", f"{lived:.2f} 秒"),
    )


def is_alone(seen: Seen, child: History) -> None:
    """See no other child forked beside it."""
    others = [other.pid for other in seen.copies(seen.root) if other is not child]
    if not others or child.command != seen.root.command:
        return
    raise seen.mistake(
        "children",
        tr(
            f"beside {child.pid} your parent {seen.root.pid} had more children: {numbers(others)}",
            f"除了 {child.pid}，您的父进程 {seen.root.pid} 还有别的子进程：{numbers(others)}",
        ),
        advice=tr("call fork once", "只调用一次 fork"),
        expected=tr("one child", "一个子进程"),
        actual=1 + len(others),
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
    is_its_own = ticks.are_its_own(seen, evidence, child.first_seen, end)
    if ticks.works_on(seen, evidence, child.first_seen, end):
        if is_its_own:
            return ticks.keeps_pace(seen, evidence, child.first_seen, end)
        raise ticks.not_its_own(seen, evidence, child.first_seen, end)
    if ticks.are_rare(seen, evidence, child.first_seen, end):
        raise ticks.other_pace(seen, evidence, child.first_seen, end)
    raise is_silent(seen, evidence, child)


def is_silent(seen: Seen, evidence: Evidence, child: History) -> Mistake:
    """Return the mistake of a parent that printed nothing for too long a time while its child ran."""
    end = seen.ended_at(child)
    ticks.are_read(seen, evidence, child.first_seen, end, 2 * seen.late)
    came = ticks.lines(evidence, end - seen.unseen) - ticks.lines(evidence, child.first_seen)
    wrote = seen.wrote(seen.root, child.first_seen, end - seen.unseen)
    if came == 0 and (wrote or not seen.trace.stdout.text):
        return no_line(seen, child)
    silent = ticks.silence(seen, evidence, child.first_seen, end)
    return seen.mistake(
        "blocked",
        tr(
            f"the parent {seen.root.pid} printed nothing for {silent:.1f} s while its child {child.pid} ran",
            f"子进程 {child.pid} 运行时，父进程 {seen.root.pid} 有 {silent:.1f} 秒什么也没打印",
        ),
        advice=tr(
            "ask with os.WNOHANG, as waitpid without it stops the parent; print tick, time.sleep(0.1), and ask again",
            "带上 os.WNOHANG 询问（不带它的 waitpid 会让父进程停住），打印 tick，time.sleep(0.1)，再问",
        ),
        expected=tr("a line every 0.1 s", "每 0.1 秒一行"),
        actual=tr(f"none for {silent:.1f} s", f"{silent:.1f} 秒没有"),
    )


def no_line(seen: Seen, child: History) -> Mistake:
    """Return the mistake of a parent of which no line came while its child ran, for all that it wrote."""
    has_no_end = bool(seen.trace.stdout.text)
    how = tr(": what it printed had no end of line", "：它打印的内容没有换行") if has_no_end else ""
    return seen.mistake(
        "no-line",
        tr(
            f"no line came from the parent {seen.root.pid} while its child {child.pid} ran",
            f"子进程 {child.pid} 运行时，父进程 {seen.root.pid} 没有打印出一行",
        )
        + how,
        advice=tr(
            "print a line each time, with its end, and ask with os.WNOHANG: waitpid without it stops the parent",
            "每次打印一行（要换行），并带上 os.WNOHANG 询问：不带它的 waitpid 会让父进程停住",
        ),
        expected=tr("a line every 0.1 s", "每 0.1 秒一行"),
        actual=tr("none", "没有"),
    )


def is_reaped(seen: Seen) -> None:
    """See the child reaped soon, by a parent that lives on; of one that ends before its next tick, goes_on tells."""
    child = only_child(seen)
    if seen.ignores(seen.root, signal.SIGCHLD) and seen.is_reaped(child) is False:
        raise seen.never_waited(child)
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
    """See three more beats after that, or four, and then the end."""
    gone = only_child(seen).gone or seen.trace.seconds
    lasted = max(0.0, seen.ended_at(seen.root) - gone)
    least = MORE - 1 if is_in_the_middle(seen) else MORE
    came = ticks.beats(evidence, gone - seen.unseen)
    has_pauses = ticks.pauses(seen, evidence, gone - seen.unseen) >= MORE - 1
    if lasted < seen.enough((MORE - 1) * ticks.EVERY) or came < least or not has_pauses:
        seen.can_tell(ticks.EVERY, known=seen.unseen)  # or more than one line may be of before or after
        seen.can_tell(ticks.EVERY, known=seen.late)  # or two beats may have been noted as one
        raise ends_otherwise(seen, "ends-early", came, lasted)
    if ticks.beats(evidence, gone) < least:
        seen.can_tell(ticks.EVERY, known=seen.unseen)  # or the first of them may be of before
    if ticks.rests(seen, evidence, gone - seen.unseen) > MORE + 1:
        seen.can_tell(ticks.EVERY, known=seen.unseen + seen.late)  # or one may be of before
        raise ends_otherwise(seen, "ends-late", came, lasted)
    works_for_so_long(seen, gone, lasted, came)


def works_for_so_long(seen: Seen, gone: float, lasted: float, came: int) -> None:
    """See that the time after the child was gone is the parent's choice: its end alone may take so long."""
    waited = seen.waited(seen.root, [Span(gone, seen.trace.seconds, 0)])
    if lasted - waited < seen.enough((MORE - 1) * ticks.EVERY):
        raise kept_waiting(waited)
    chosen = seen.in_state(seen.root, "S", [Span(gone, seen.trace.seconds, 0)])
    if not seen.at_most(chosen + seen.used(seen.root, gone, seen.trace.seconds), (MORE + 1) * ticks.EVERY):
        raise ends_otherwise(seen, "ends-late", came, lasted)


def is_in_the_middle(seen: Seen) -> bool:
    """Tell whether the child may be reaped in the middle of a tick, by another thread: that tick is the first then."""
    return any(span.value > 1 for span in seen.root.threads)


def ends_otherwise(seen: Seen, key: str, came: int, lasted: float) -> Mistake:
    """Return the mistake of a parent that works on for too short or too long a time."""
    return seen.mistake(
        key,
        tr(
            f"after its child was gone, the parent {seen.root.pid} printed {counted(came, 'time', 'times')}, and "
            f"ended {lasted:.1f} s later",
            f"子进程消失之后，父进程 {seen.root.pid} 打印了 {came} 次，{lasted:.1f} 秒后结束",
        ),
        advice=tr(
            f"the parent's work does not end with its child: tick {MORE} times more, with time.sleep(0.1) as before, "
            "and then end",
            f"父进程的工作并不随子进程结束：照样再打印 {MORE} 次 tick，每次 time.sleep(0.1)，然后结束",
        ),
        expected=tr(f"{MORE} lines, or {MORE + 1}, 0.1 s apart", f"{MORE} 行（或 {MORE + 1} 行），间隔 0.1 秒"),
        actual=tr(f"{came} in {lasted:.1f} s", f"{lasted:.1f} 秒里 {came} 次"),
    )


def has_values(seen: Seen, values: Values) -> None:
    """Compare the child's life and the status that was passed on with those of this seat."""
    child = only_child(seen)
    seen.ends_by_itself(child)
    own, status = child.exit.code if child.exit else None, seen.status
    if own not in (None, status) or (own is None and status == 0):
        raise status_lost(seen, child, own)
    seconds, code = float(values["seconds"]), values["code"]
    if status == code and seen.about(slept(seen, child, seconds), seconds):
        return
    raise other_child(seen, child, values)


def status_lost(seen: Seen, child: History, own: int | None) -> Mistake:
    """Return the mistake of a program that does not pass on what its child ended with."""
    its = "" if own is None else f" ({own})"
    return seen.mistake(
        "status-lost",
        tr(
            f"your program ended with status {seen.status}, and not with that of its child {child.pid}{its}",
            f"您的程序以状态 {seen.status} 结束，而不是子进程 {child.pid} 的状态{its}",
        ),
        advice=tr(
            "what waitpid returned beside the pid is the status: sys.exit(os.waitstatus_to_exitcode(status))",
            "waitpid 与 PID 一起返回的就是状态：sys.exit(os.waitstatus_to_exitcode(status))",
        ),
        expected=tr("the child's status", "子进程的状态") if own is None else own,
        actual=seen.status,
    )


def slept(seen: Seen, child: History, asked: float) -> float:
    """Return the seconds for which a child slept, or lived if that is nearer to what is asked: to start takes time."""
    asleep = seen.in_state(child, "S")
    if asleep < seen.enough(asked):
        return asleep
    return min(seen.lived(child), asleep, key=lambda one: abs(one - asked))


def other_child(seen: Seen, child: History, values: Values) -> Mistake:
    """Return the mistake of a child that sleeps for another time, or ends with another status; or is a neighbour's."""
    seconds, code = float(values["seconds"]), values["code"]
    was = slept(seen, child, seconds)
    status, is_its_time = seen.status, abs(was - seconds) <= NEAR
    rationale = tr(
        f"your child {child.pid} slept for {was:.1f} s, and it and the program ended with status {status}",
        f"您的子进程 {child.pid} 睡眠了 {was:.1f} 秒，它和程序都以状态 {status} 结束",
    )
    expected = tr(f"{seconds} s, status {code}", f"{seconds} 秒，状态 {code}")
    actual = tr(f"{was:.1f} s, status {status}", f"{was:.1f} 秒，状态 {status}")
    if status not in CODES or (status != code and is_its_time):
        advice = tr(
            f"let the child end with status {code}: os._exit({code})", f"让子进程以状态 {code} 结束：os._exit({code})"
        )
        return seen.mistake("status", rationale, advice=advice, expected=expected, actual=actual)
    if status == code or min(abs(was - one) for one in SECONDS) > NEAR:
        advice = tr(f"let the child sleep for {seconds} s", f"让子进程睡眠 {seconds} 秒")
        return seen.mistake("time", rationale, advice=advice, expected=expected, actual=actual)
    return seen.other_values(rationale, values["number"], expected=expected, actual=actual)
