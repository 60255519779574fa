"""Exercise 12: a grandchild that works on with nobody to wait for it, since the middle process is gone at once."""

from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import SURE, Seen
from lab.exercises.seed import Values
from lab.language import tr
from lab.trace import History, Span

BRIEF = 0.2  # seconds for which the middle process may stay, and then be a zombie
ORPHAN = 0.3  # seconds for which the grandchild is an orphan while the parent lives: the parent works for twice as long


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program."""
    return seat.run("double-fork")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say who was the grandchild's parent, and what became of the middle process."""
    seen, code = Seen.of(evidence), int(values["code"])
    return results(
        Check("ran", tr("the program runs to its end", "程序运行到结束"), lambda: seen.ran_with_a_status(code)),
        Check(
            "orphan",
            tr("the grandchild is an orphan while the parent lives", "父进程还在时，孙进程已是孤儿"),
            lambda: grandchild(seen),
            after="ran",
        ),
        Check(
            "middle",
            tr(f"the middle process is gone in {BRIEF} s, and no zombie", f"中间进程 {BRIEF} 秒内就消失，不做僵尸"),
            lambda: is_gone(seen),
            after="orphan",
        ),
        Check(
            "free",
            tr("the parent is not blocked", "父进程没有被阻塞"),
            lambda: is_free(seen, float(values["short"])),
            after="orphan",
        ),
        Check(
            "values",
            tr(
                f"{values['long']} s, meanwhile {values['short']} s, status {values['code']}",
                f"{values['long']} 秒，同时 {values['short']} 秒，状态 {values['code']}",
            ),
            lambda: has_values(seen, values),
            after="free",
        ),
    )


def orphaned(seen: Seen, process: History) -> float:
    """Return the seconds for which a process had a parent from outside, while the first process was there."""
    late = [span.start for span in process.parents if span.value not in seen.pids]
    return min(seen.ended_at(seen.root), seen.ended_at(process)) - late[0] if late else 0.0


def grandchild(seen: Seen) -> History:
    """Return the orphan that worked for the longest time."""
    found = [process for process in seen.others if orphaned(seen, process) > ORPHAN]
    if found:
        return max(found, key=seen.lived)
    worker = max(seen.others, key=seen.at_work, default=None)
    if worker is None or seen.at_work(worker) < seen.enough(ORPHAN):
        raise no_worker(seen)
    seen.can_tell(SURE)
    parent = seen.trace.parent(worker)
    if worker.ppid == seen.root.pid:
        below = [process for process in seen.children_of(worker) if seen.lived(process) > ORPHAN]
        raise stays(seen, worker, below[0]) if below else single(seen, worker)
    if parent and (lingers(seen, parent, worker) or seen.ended_at(parent) - worker.first_seen > BRIEF + seen.slack):
        raise stays(seen, parent, worker)
    raise ends_first(seen, worker) if seen.lived(worker) > orphaned(seen, worker) else no_worker(seen)


def no_worker(seen: Seen) -> Mistake:
    """Return the mistake of a program in which nobody else works."""
    return seen.mistake(
        "no-child",
        tr(
            f"no process was seen to work beside the parent {seen.root.pid}",
            f"除了父进程 {seen.root.pid}，没有看到别的进程在工作",
        ),
        advice=tr(
            "the grandchild is forked by the middle process, and sleeps for its time",
            "孙进程由中间进程 fork 出来，并睡眠规定的时间",
        ),
        expected=tr("a grandchild", "孙进程"),
        actual=tr("none", "没有"),
    )


def ends_first(seen: Seen, worker: History) -> Mistake:
    """Return the mistake of a parent that has no work of its own."""
    stayed = seen.ended_at(seen.root) - worker.first_seen
    return seen.mistake(
        "parent-ends",
        tr(
            f"the parent {seen.root.pid} ended {stayed:.1f} s after the grandchild {worker.pid} had begun",
            f"孙进程 {worker.pid} 开始 {stayed:.1f} 秒后，父进程 {seen.root.pid} 就结束了",
        ),
        advice=tr(
            "the parent works on for its own time (it sleeps), and only then ends",
            "父进程要继续工作规定的时间（睡眠），然后才结束",
        ),
        expected=tr("ppid 1 while the parent lives", "父进程还在时 PPID 为 1"),
        actual=tr("the parent has ended", "父进程已经结束"),
    )


def single(seen: Seen, worker: History) -> Mistake:
    """Return the mistake of a worker that is a child of the parent's own."""
    return seen.mistake(
        "single-fork",
        tr(
            f"process {worker.pid}, at work for {seen.lived(worker):.1f} s, is a child of the parent {seen.root.pid}",
            f"工作了 {seen.lived(worker):.1f} 秒的进程 {worker.pid} 是父进程 {seen.root.pid} 自己的子进程",
        ),
        advice=tr(
            "one fork is not enough: let the child fork again, end at once, and leave the work to its own child",
            "一次 fork 不够：让子进程再 fork 一次，自己立即结束，把工作留给它的子进程",
        ),
        expected=tr("ppid 1 while the parent lives", "父进程还在时 PPID 为 1"),
        actual=f"ppid {worker.ppid}",
    )


def stays(seen: Seen, middle: History, worker: History) -> Mistake:
    """Return the mistake of a middle process that does not end at once."""
    return seen.mistake(
        "middle-stays",
        tr(
            f"the middle process {middle.pid} stayed for {seen.lived(middle):.1f} s, with its child {worker.pid}",
            f"中间进程 {middle.pid} 停留了 {seen.lived(middle):.1f} 秒，还带着子进程 {worker.pid}",
        ),
        advice=tr(
            "the middle process ends right after its fork: os._exit(0), and no wait",
            "中间进程在 fork 之后立即结束：os._exit(0)，不要 wait",
        ),
        expected=tr("gone at once", "立即结束"),
        actual=tr(f"{seen.lived(middle):.1f} s", f"{seen.lived(middle):.1f} 秒"),
    )


def is_gone(seen: Seen) -> None:
    """See the middle process end right after its fork, and no child of the program's own stay a zombie."""
    worker = grandchild(seen)
    parent = seen.trace.parent(worker)
    if parent and lingers(seen, parent, worker):
        raise stays(seen, parent, worker)
    middle = max(seen.others, key=seen.kept)
    was = seen.zombie(middle)
    if seen.at_most(seen.kept(middle), BRIEF):
        return
    raise seen.mistake(
        "middle-zombie",
        tr(
            f"the middle process {middle.pid} stayed a zombie for {was:.1f} s after it ended; its parent "
            f"{middle.ppid} did not wait for it in time",
            f"中间进程 {middle.pid} 结束后做了 {was:.1f} 秒的僵尸；父进程 {middle.ppid} 没有及时等待它",
        ),
        advice=tr(
            "wait for the middle process right after the fork: it ends at once, so that takes but a moment",
            "在 fork 之后马上等待中间进程：它立即结束，所以只需要一瞬间",
        ),
        expected=tr(f"at most {BRIEF} s", f"最多 {BRIEF} 秒"),
        actual=tr(f"{was:.1f} s", f"{was:.1f} 秒"),
    )


def lingers(seen: Seen, middle: History, worker: History) -> bool:
    """Tell whether the middle process slept after its fork: it may have, until the other was executed (vfork)."""
    stayed = slept(seen, middle, worker)
    if stayed > BRIEF:
        seen.can_tell(BRIEF, known=seen.unseen)
    if stayed <= BRIEF + seen.unseen:
        return False
    seen.served(within=BRIEF, since=worker.first_seen)
    return True


def slept(seen: Seen, process: History, worker: History) -> float:
    """Return the seconds for which a process slept while the grandchild was there, or after."""
    return seen.in_state(process, "S", [Span(worker.first_seen, seen.trace.seconds, 0)])


def is_free(seen: Seen, short: float) -> None:
    """See the parent end while the grandchild is at work, or at its own time: then that one was too early."""
    worker = grandchild(seen)
    left = seen.ended_at(worker) - seen.ended_at(seen.root)
    if left > seen.unseen:
        return
    worked = seen.ended_at(seen.root) - worker.first_seen
    if seen.about(worked - seen.waited(seen.root, [Span(worker.first_seen, seen.trace.seconds, 0)]), short):
        return
    seen.served(within=seen.unseen - left, since=worker.first_seen)
    raise seen.mistake(
        "blocked",
        tr(
            f"the parent {seen.root.pid} ended {-left:.1f} s after the grandchild {worker.pid}, and not before",
            f"父进程 {seen.root.pid} 一直等到孙进程 {worker.pid} 结束，之后又过了 {-left:.1f} 秒",
        ),
        advice=tr(
            "the parent waits for the middle process only, then does its own work, and ends",
            "父进程只等待中间进程，然后做自己的工作，结束",
        ),
        expected=tr("the parent ends first", "父进程先结束"),
        actual=tr("the grandchild ends first", "孙进程先结束"),
    )


def has_values(seen: Seen, values: Values) -> None:
    """Compare the times and the exit status with those of this seat."""
    worker = grandchild(seen)
    long, short, code = float(values["long"]), float(values["short"]), values["code"]
    was, worked, status = seen.lived(worker), seen.ended_at(seen.root) - worker.first_seen, seen.status
    in_time = seen.about(worked, short) or seen.about(slept(seen, seen.root, worker), short)
    if status == code and seen.took(worker, long) and in_time:
        return
    raise seen.other_values(
        tr(
            f"the grandchild {worker.pid} worked for {was:.1f} s; the parent ended {worked:.1f} s after its "
            f"beginning, with status {status}",
            f"孙进程 {worker.pid} 工作了 {was:.1f} 秒；它开始 {worked:.1f} 秒后，父进程以状态 {status} 结束",
        ),
        values["number"],
        expected=tr(f"{long} s, {short} s, status {code}", f"{long} 秒、{short} 秒，状态 {code}"),
        actual=tr(f"{was:.1f} s, {worked:.1f} s, status {status}", f"{was:.1f} 秒、{worked:.1f} 秒，状态 {status}"),
    )
