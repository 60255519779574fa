"""Exercise 8: a child that stays a zombie for a while, and is then reaped by a parent that lives on."""

from checks.judging.result import Check, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen
from lab.exercises.seed import Values
from lab.language import tr
from lab.trace import History, Span

BRIEF = 0.2  # seconds: a child that its parent waits for at once may be seen as a zombie for a moment
LIVES_ON = 0.2  # seconds of the 0.3 for which the parent lives on


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
            "reaped",
            tr("its parent waits for it, and lives on", "父进程等待它，然后继续运行"),
            lambda: is_reaped(seen),
            after="zombie",
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
    if not seen.others:
        raise seen.mistake(
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
    child = max(seen.others, key=seen.zombie)
    if seen.kept(child) > BRIEF:
        return child
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


def is_reaped(seen: Seen) -> None:
    """See the zombie's own parent alive after the zombie was gone."""
    child = zombie(seen)
    parent = seen.trace.parent(child)
    if parent and not child.adoptions and seen.outlived(parent, child):
        return lives_on(seen, parent, child)
    raise seen.mistake(
        "never-reaped",
        tr(
            f"your child {child.pid} stayed a zombie for {seen.zombie(child):.1f} s after it ended; "
            "its parent never waited for it, or did not live on",
            f"您的子进程 {child.pid} 结束后做了 {seen.zombie(child):.1f} 秒的僵尸；父进程从未等待它，或没有继续运行",
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
    if lived - seen.waited(parent, [Span(gone, end, 0)]) >= LIVES_ON:
        return
    seen.can_tell(LIVES_ON / 2, known=seen.unseen)
    raise seen.mistake(
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


def has_values(seen: Seen, values: Values) -> None:
    """Compare the zombie with what was asked for in this seat; a child that was not let to end became one later."""
    child = zombie(seen)
    seconds, code = float(values["seconds"]), values["code"]
    was, status = seen.zombie(child), child.exit.code if child.exit else None
    if status == code and seen.is_asked(abs(was - seconds), abs(was + seen.waited(child) - seconds)):
        return
    raise seen.other_values(
        tr(
            f"your child {child.pid} was a zombie for {was:.1f} s, with status {status}",
            f"您的子进程 {child.pid} 做了 {was:.1f} 秒的僵尸，状态为 {status}",
        ),
        values["number"],
        expected=tr(f"{seconds} s, status {code}", f"{seconds} 秒，状态 {code}"),
        actual=tr(f"{was:.1f} s, status {status}", f"{was:.1f} 秒，状态 {status}"),
    )
