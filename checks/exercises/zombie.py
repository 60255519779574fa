"""Exercise 8: a child that stays a zombie for a while, and is then reaped by a parent that lives on."""

import signal

from checks.judging.drawn import is_a_seats
from checks.judging.pair import complaint, crashed
from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import NEAR, Seen, numbers
from lab.language import tr
from lab.student.seed import Values
from lab.trace import History, Span
from lab.trace.timeline import exited

BRIEF = 0.2  # seconds: a child that its parent waits for at once may be seen as a zombie for a moment
LIVES_ON = 0.2  # seconds of the 0.3 for which the parent lives on
LONGEST = 0.6  # seconds for which it may live on
RUNS = 0.5  # seconds of CPU that a child may need that executes another program, and ends
KEPT = range(2, 100)  # exit statuses that seats have


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program."""
    return seat.run("zombie")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say what became of its children."""
    seen = Seen.of(evidence)
    return results(
        Check("ran", tr("the program runs to its end", "程序运行到结束"), seen.ran),
        Check("zombie", tr("a child becomes a zombie", "有一个子进程成为僵尸"), lambda: zombie(seen), after="ran"),
        Check(
            "ends",
            tr("the child ends at once, by itself", "子进程立即自己结束"),
            lambda: ends_at_once(seen, values["code"]),
            after="zombie",
        ),
        Check(
            "reaped",
            tr("its parent waits for it, and lives on", "父进程等待它，然后继续运行"),
            lambda: is_reaped(seen),
            after="ends",
        ),
        Check(
            "values",
            tr(
                f"Z for {values['seconds']} s, status {values['code']}",
                f"Z 持续 {values['seconds']} 秒，状态 {values['code']}",
            ),
            lambda: has_values(seen, values),
            after="reaped",
        ),
    )


def zombie(seen: Seen) -> History:
    """Return the child that was a zombie for the longest time."""
    found = [child for child in seen.others if seen.kept(child) > BRIEF]
    if len(found) > 1:
        raise several(seen, found)
    if found:
        return found[0]
    if seen.ignores(seen.root, signal.SIGCHLD):
        raise ignored(seen)
    if not seen.others:
        raise no_child(seen)
    child = max(seen.others, key=lambda history: history.last_seen - history.first_seen)
    asleep = seen.in_state(child, "SD")
    if asleep > BRIEF:
        raise seen.mistake(
            "asleep",
            tr(
                f"your child {child.pid} slept for {asleep:.1f} s, and was never a zombie",
                f"您的子进程 {child.pid} 睡眠了 {asleep:.1f} 秒，从未成为僵尸",
            ),
            advice=tr(
                "a zombie has ended: let the child end at once, and the parent sleep before it waits "
                "(a shell waits by itself)",
                "僵尸是已经结束的进程：让子进程立即结束，让父进程在 wait 之前睡眠（shell 会自己立即 wait）",
            ),
            expected="Z",
            actual="S",
        )
    seen.can_tell(0.3)
    raise seen.mistake(
        "reaped-at-once",
        tr(
            f"your child {child.pid} ended, and was gone at once: it was no zombie for longer than a moment",
            f"您的子进程 {child.pid} 结束后立即消失：它没有做过僵尸，或只有一瞬间",
        ),
        advice=tr(
            "let the parent sleep between the child's end and wait (a shell waits by itself)",
            "让父进程在子进程结束之后、wait 之前睡眠（shell 会自己立即 wait）",
        ),
        expected="Z",
        actual=tr("gone at once", "立即消失"),
    )


def no_child(seen: Seen) -> Mistake:
    """Return the mistake of a program of one process."""
    return seen.mistake(
        "no-child",
        tr(
            "your program was seen as one process: a child, if it had one, was gone within a moment",
            "只看到一个进程：如果有子进程，它也是一瞬间就消失了",
        ),
        advice=tr(
            "the check asks the kernel, whatever is printed: fork a child, let it end, and do not wait for it yet",
            "检查时询问的是内核，与打印的内容无关：fork 一个子进程，让它结束，先不要 wait",
        ),
        expected="Z",
        actual=tr("one process", "一个进程"),
    )


def ignored(seen: Seen) -> Mistake:
    """Return the mistake of a parent that has the kernel reap."""
    return seen.mistake(
        "ignored",
        tr(
            f"process {seen.root.pid} ignores SIGCHLD (SigIgn in /proc): then the kernel keeps no zombie",
            f"进程 {seen.root.pid} 忽略了 SIGCHLD（见 /proc 中的 SigIgn）：这样内核不会保留僵尸",
        ),
        advice=tr("leave SIGCHLD as it is, and do not wait yet", "不要改动 SIGCHLD，先不要 wait"),
        expected="Z",
        actual="SIG_IGN",
    )


def several(seen: Seen, found: list[History]) -> Mistake:
    """Return the mistake of more zombies than one."""
    pids = numbers([child.pid for child in found])
    return seen.mistake(
        "several",
        tr(f"{len(found)} processes became zombies: {pids}", f"有 {len(found)} 个进程成为僵尸：{pids}"),
        advice=tr(
            "fork once: after it both processes go on, and a second fork is done by both",
            "fork 只调用一次：之后两个进程都会继续执行，遇到第二个 fork 也都会执行",
        ),
        expected=tr("one child", "一个子进程"),
        actual=len(found),
    )


def ends_at_once(seen: Seen, code: object) -> None:
    """See the child end by itself, and without a rest before."""
    child = zombie(seen)
    if child.exit and child.exit.signal is not None:
        raise killed(seen, child, exited(child.exit), code)
    words = "" if seen.is_silent(child) else complaint(seen)
    if words and child.exit and child.exit.code not in (0, code):
        raise crashed(
            seen,
            tr(
                f"an error has ended your child {child.pid} ({exited(child.exit)}){words}",
                f"您的子进程 {child.pid} 因出错而结束（{exited(child.exit)}）{words}",
            ),
        )
    if seen.at_most(seen.in_state(child, "S"), BRIEF) and child.cpu <= RUNS:
        return
    raise ends_late(seen, child)


def killed(seen: Seen, child: History, how: str, code: object) -> Mistake:
    """Return the mistake of a child that a signal has ended: then no exit status is kept."""
    return seen.mistake(
        "child-killed",
        tr(
            f"your child {child.pid} did not end by itself: {how}, so there is no exit status",
            f"您的子进程 {child.pid} 不是自己结束的：{how}，所以没有退出状态",
        ),
        advice=tr(f"let the child end itself: os._exit({code})", f"让子进程自己结束：os._exit({code})"),
        expected=tr(f"exit {code}", f"退出码 {code}"),
        actual=how,
    )


def ends_late(seen: Seen, child: History) -> Mistake:
    """Return the mistake of a child that lives for a while."""
    lived = seen.lived(child)
    return seen.mistake(
        "ends-late",
        tr(
            f"your child {child.pid} lived for {lived:.1f} s before it became a zombie",
            f"您的子进程 {child.pid} 活了 {lived:.1f} 秒才成为僵尸",
        ),
        advice=tr(
            "the child ends at once: it only calls os._exit; it is the parent that sleeps",
            "子进程立即结束：它只调用 os._exit；睡眠的是父进程",
        ),
        expected=tr("at once", "立即"),
        actual=tr(f"after {lived:.1f} s", f"{lived:.1f} 秒后"),
    )


def is_reaped(seen: Seen) -> None:
    """See the zombie's own parent alive after the zombie was gone."""
    child = zombie(seen)
    parent = seen.trace.parent(child)
    if parent and not child.adoptions and seen.outlived(parent, child):
        return lives_on(seen, parent, child)
    if parent and not child.adoptions and seen.is_reaped(child):
        raise ends_too_soon(seen, parent, child, 0.0)
    raise never_reaped(seen, child)


def never_reaped(seen: Seen, child: History) -> Mistake:
    """Return the mistake of a zombie that was there until its parent ended."""
    was = seen.zombie(child)
    return seen.mistake(
        "never-reaped",
        tr(
            f"your child {child.pid} was a zombie for {was:.1f} s, until its parent {child.ppid} ended: "
            "no wait has returned it before",
            f"您的子进程 {child.pid} 做了 {was:.1f} 秒的僵尸，直到父进程 {child.ppid} 结束：之前没有 wait 得到它",
        ),
        advice=tr(
            "the zombie vanished because its parent ended: call os.wait() in the parent, then live on for 0.3 s",
            "僵尸消失是因为父进程结束了：在父进程中调用 os.wait()，然后再活 0.3 秒",
        ),
        expected=tr("gone while its parent lives", "父进程还活着时消失"),
        actual=tr("gone with its parent", "与父进程一起消失"),
    )


def lives_on(seen: Seen, parent: History, child: History) -> None:
    """See the parent stay after the zombie was gone; to wait for the CPU until it can end is not to stay."""
    gone, end = child.gone or 0.0, seen.ended_at(parent)
    lived = end - gone
    rested = lived - seen.waited(parent, [Span(gone, end, 0)])
    if not seen.at_most(rested, LONGEST):
        raise lives_too_long(seen, parent, lived)
    if rested >= LIVES_ON:
        return
    seen.can_tell(LIVES_ON / 2, known=seen.unseen)
    if lived >= LIVES_ON:  # it may have worked, if slowly
        seen.served(within=seen.unseen, since=gone)
    raise ends_too_soon(seen, parent, child, lived)


def ends_too_soon(seen: Seen, parent: History, child: History, lived: float) -> Mistake:
    """Return the mistake of a parent that ends right after it has waited."""
    return seen.mistake(
        "ends-too-soon",
        tr(
            f"your child {child.pid} was waited for, and its parent {parent.pid} ended {lived:.2f} s later",
            f"您的子进程 {child.pid} 已被回收，但父进程 {parent.pid} 只过了 {lived:.2f} 秒就结束了",
        ),
        advice=tr(
            "let the parent sleep for 0.3 s after wait: who looks then sees it without its zombie",
            "让父进程在 wait 之后再睡眠 0.3 秒：这时能看到父进程还在，而僵尸已经没有了",
        ),
        expected=tr("0.3 s more", "再过 0.3 秒"),
        actual=tr(f"{lived:.2f} s", f"{lived:.2f} 秒"),
    )


def lives_too_long(seen: Seen, parent: History, lived: float) -> Mistake:
    """Return the mistake of a parent that stays for much longer than it is to."""
    return seen.mistake(
        "ends-too-late",
        tr(
            f"the parent {parent.pid} lived on for {lived:.1f} s after its zombie was gone",
            f"僵尸消失之后，父进程 {parent.pid} 又活了 {lived:.1f} 秒",
        ),
        advice=tr("0.3 s are asked for: time.sleep(0.3)", "要求是 0.3 秒：time.sleep(0.3)"),
        expected=tr("0.3 s more", "再过 0.3 秒"),
        actual=tr(f"{lived:.1f} s", f"{lived:.1f} 秒"),
    )


def has_values(seen: Seen, values: Values) -> None:
    """Compare the zombie with what was asked for in this seat; a child that was not let to end became one later."""
    child = zombie(seen)
    seconds, code = float(values["seconds"]), values["code"]
    was, status = seen.zombie(child), child.exit.code if child.exit else None
    if status == code and seen.is_asked(abs(was - seconds), abs(was + seen.waited(child) - seconds)):
        return
    if status is not None and status not in KEPT:
        raise wrong_status(seen, child, status, code)
    if not is_a_seats("zombie", "seconds", was, NEAR):
        raise wrong_time(seen, child, was, seconds)
    raise seen.other_values(
        tr(
            f"your child {child.pid} was a zombie for {was:.1f} s, with status {status}",
            f"您的子进程 {child.pid} 做了 {was:.1f} 秒的僵尸，状态为 {status}",
        ),
        values["number"],
        expected=tr(f"{seconds} s, status {code}", f"{seconds} 秒，状态 {code}"),
        actual=tr(f"{was:.1f} s, status {status}", f"{was:.1f} 秒，状态 {status}"),
    )


def wrong_status(seen: Seen, child: History, status: int, code: object) -> Mistake:
    """Return the mistake of a status that is no seat's."""
    return seen.mistake(
        "wrong-status",
        tr(
            f"your child {child.pid} ended with status {status}, and not with {code}",
            f"您的子进程 {child.pid} 以状态 {status} 结束，而不是 {code}",
        ),
        advice=tr(
            f"the child's only line is os._exit({code}), with a number, not a text",
            f"子进程只有一行：os._exit({code})，参数是数字，不是文字",
        ),
        expected=code,
        actual=status,
    )


def wrong_time(seen: Seen, child: History, was: float, seconds: float) -> Mistake:
    """Return the mistake of a zombie that lasts for a time that is no seat's."""
    return seen.mistake(
        "wrong-time",
        tr(
            f"your child {child.pid} was a zombie for {was:.1f} s, and not for {seconds} s",
            f"您的子进程 {child.pid} 做了 {was:.1f} 秒的僵尸，而不是 {seconds} 秒",
        ),
        advice=tr(
            f"the parent sleeps for {seconds} s between the fork and wait",
            f"父进程在 fork 与 wait 之间睡眠 {seconds} 秒",
        ),
        expected=tr(f"{seconds} s", f"{seconds} 秒"),
        actual=tr(f"{was:.1f} s", f"{was:.1f} 秒"),
    )
