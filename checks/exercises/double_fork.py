"""Exercise 12: a grandchild that works on with nobody to wait for it, since the middle process is gone at once."""

import signal

from checks.judging.drawn import is_a_seats
from checks.judging.pair import complaint
from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import CHOSEN, STAYS, SURE, Seen, numbers, reaps
from lab.language import tr
from lab.student.seed import Values
from lab.trace import History, Span
from lab.trace.timeline import exited

BRIEF = 0.2  # seconds for which the middle process may stay, and then be a zombie
ORPHAN = 0.3  # seconds for which the grandchild is an orphan while the parent lives: the parent works for twice as long
APART = 0.1  # seconds: half of what lies between two seats' times
SHOWN = 0.05  # seconds; less is 0.0 in a sentence


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
            "alone",
            tr("one middle process, one grandchild", "一个中间进程，一个孙进程"),
            lambda: is_alone(seen),
            after="orphan",
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
            "ends",
            tr("the grandchild ends by itself", "孙进程自己结束"),
            lambda: ends_by_itself(seen, grandchild(seen), tr("the grandchild", "孙进程")),
            after="free",
        ),
        Check(
            "values",
            tr(
                f"{values['long']} s, meanwhile {values['short']} s, status {values['code']}",
                f"{values['long']} 秒，同时 {values['short']} 秒，状态 {values['code']}",
            ),
            lambda: has_values(seen, values),
            after="ends",
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
    if words := complaint(seen):
        return crashed(
            seen, tr(f"no grandchild worked: an error has ended it{words}", f"没有孙进程在工作：它因出错而结束{words}")
        )
    for process in seen.others:
        if (how := process.exit) and how.signal is not None:
            return killed(seen, process, tr("process", "进程"), exited(how))
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


def is_alone(seen: Seen) -> None:
    """See no other process at work like the grandchild, and no more forks from the parent to it than two."""
    worker = grandchild(seen)
    commands = (worker.command, seen.root.command)  # a grandchild may have executed a program, and the others not
    alike = [h for h in seen.others if h.command in commands and h not in (worker, middle_of(seen, worker))]
    at_work = [process for process in alike if is_worker(seen, process, worker)]
    if at_work:
        raise several(seen, [worker, *at_work])
    if len(line := ancestors(seen, worker)) > 2:
        raise too_deep(seen, worker, line)


def is_worker(seen: Seen, process: History, worker: History) -> bool:
    """Tell whether a process slept for long while the grandchild was there, and waited for nobody, as a parent does."""
    life = Span(worker.first_seen, seen.ended_at(worker), 0)
    return seen.in_state(process, "S", [life]) > STAYS and not reaps(process)


def ancestors(seen: Seen, process: History) -> list[History]:
    """Return the processes of which another came by fork alone, as far as they were seen, the nearest first."""
    found: list[History] = []
    parent = seen.trace.parent(process)
    while parent and parent.command == process.command:
        found.append(parent)
        parent = seen.trace.parent(parent)
    return found


def several(seen: Seen, workers: list[History]) -> Mistake:
    """Return the mistake of more workers than one."""
    pids = numbers(sorted(worker.pid for worker in workers))
    return seen.mistake(
        "several",
        tr(
            f"{len(workers)} processes were at work beside the parent {seen.root.pid}: {pids}",
            f"除了父进程 {seen.root.pid}，有 {len(workers)} 个进程在工作：{pids}",
        ),
        advice=tr(
            "two forks in all: one in the parent, one in the middle process",
            "一共 fork 两次：父进程里一次，中间进程里一次",
        ),
        expected=tr("one grandchild", "一个孙进程"),
        actual=len(workers),
    )


def too_deep(seen: Seen, worker: History, line: list[History]) -> Mistake:
    """Return the mistake of a worker that is the parent's great-grandchild."""
    pids = " ← ".join(str(process.pid) for process in [worker, *line])
    return seen.mistake(
        "too-deep",
        tr(
            f"between the parent and the one at work there were {len(line) - 1} processes: {pids}",
            f"父进程与干活的进程之间有 {len(line) - 1} 个进程：{pids}",
        ),
        advice=tr("fork twice: parent, middle process, grandchild", "fork 两次：父进程、中间进程、孙进程"),
        expected=tr("one between them", "中间一个"),
        actual=len(line) - 1,
    )


def ends_by_itself(seen: Seen, process: History, who: str) -> None:
    """See a process end by no signal and no error, as far as that is known."""
    how, words = process.exit, complaint(seen)
    if how and how.signal is not None:
        raise killed(seen, process, who, exited(how))
    if words and how and how.code and not seen.is_silent(process):
        raise crashed(
            seen,
            tr(
                f"an error has ended {who} {process.pid} ({exited(how)}){words}",
                f"{who} {process.pid} 因出错而结束（{exited(how)}）{words}",
            ),
        )


def killed(seen: Seen, process: History, who: str, how: str) -> Mistake:
    """Return the mistake of a process that a signal has ended."""
    return seen.mistake(
        "killed",
        tr(f"{who} {process.pid} did not end by itself: {how}", f"{who} {process.pid} 不是自己结束的：{how}"),
        advice=tr("no signal is to end it: os._exit(0)", "不要用信号结束它：os._exit(0)"),
        expected=tr("it ends by itself", "自己结束"),
        actual=how,
    )


def crashed(seen: Seen, rationale: str) -> Mistake:
    """Return the mistake of a process that an error has ended."""
    return seen.mistake(
        "crashed",
        rationale,
        advice=tr("read the error, and mend that line", "读一读错误信息，改正那一行"),
        expected=tr("it ends by itself", "自己结束"),
        actual=tr("an error", "出错"),
    )


def is_gone(seen: Seen) -> None:
    """See the middle process end right after its fork, and no child of the program's own stay a zombie."""
    worker = grandchild(seen)
    middle = middle_of(seen, worker)
    if middle and lingers(seen, middle, worker):
        raise stays(seen, middle, worker)
    middle = middle or max(seen.others, key=seen.kept)
    if middle is not worker:
        ends_by_itself(seen, middle, tr("the middle process", "中间进程"))
    was = seen.zombie(middle)
    if was > BRIEF and idle(seen, middle) > BRIEF + seen.unseen:  # which was its own choice
        raise zombie_for_long(seen, middle, was)
    if not seen.at_most(seen.kept(middle), BRIEF):
        raise zombie_for_long(seen, middle, was)
    is_waited_for(seen, middle, worker)


def middle_of(seen: Seen, worker: History) -> History | None:
    """Return the grandchild's parent; if that had gone before a sample saw both, whoever ended just then."""
    if parent := seen.trace.parent(worker):
        return parent
    ended = [h for h in seen.others if h is not worker and abs(seen.ended_at(h) - worker.first_seen) <= seen.unseen]
    return max(ended, key=seen.ended_at, default=None)


def idle(seen: Seen, middle: History) -> float:
    """Return the seconds for which the parent of a zombie slept meanwhile."""
    parent = seen.trace.parent(middle)
    return seen.in_state(parent, "S", [span for span in middle.states if span.value == "Z"]) if parent else 0.0


def is_waited_for(seen: Seen, middle: History, worker: History) -> None:
    """See the middle process reaped by a wait, as far as that is known; one that no sample saw, by any at all."""
    if middle is not worker and seen.is_reaped(middle) is not False:
        return
    waited = bool(reaps(seen.root)) or not seen.root.reaped
    if middle is worker and waited and not seen.ignores(seen.root, signal.SIGCHLD):
        return
    is_ignored = seen.ignores(seen.root, signal.SIGCHLD)
    raise seen.mistake(
        "not-waited",
        tr(f"no wait of the parent {seen.root.pid} returned a child", f"父进程 {seen.root.pid} 没有用 wait 得到子进程")
        + (tr(": it ignores SIGCHLD, and the kernel reaped", "：它忽略 SIGCHLD，由内核代为回收") if is_ignored else ""),
        advice=tr(
            "let the parent wait for the middle process, os.waitpid(pid, 0), and leave SIGCHLD as it is",
            "让父进程等待中间进程：os.waitpid(pid, 0)，不要改动 SIGCHLD",
        ),
        expected=tr("a wait that returns the middle process", "wait 返回中间进程"),
        actual=tr("none", "没有"),
    )


def zombie_for_long(seen: Seen, middle: History, was: float) -> Mistake:
    """Return the mistake of a middle process that is waited for too late, or never."""
    return seen.mistake(
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
    """Tell whether the middle process slept, before or after its fork: until the other was executed it may (vfork)."""
    if seen.in_state(middle, "S", [Span(0.0, worker.first_seen, 0)]) > BRIEF + seen.slack:
        return True
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
            f"父进程 {seen.root.pid} 在孙进程 {worker.pid} 结束 {-left:.1f} 秒后才结束，而不是在它之前",
        )
        if -left >= SHOWN
        else tr(
            f"the parent {seen.root.pid} ended when the grandchild {worker.pid} did, and not before",
            f"父进程 {seen.root.pid} 与孙进程 {worker.pid} 同时结束，而不是在它之前",
        ),
        advice=tr(
            f"the parent waits for the middle process only, then sleeps for {short} s, its own work, and ends",
            f"父进程只等待中间进程，然后做自己的工作（睡眠 {short} 秒），结束",
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
    if status not in CHOSEN:
        raise wrong_status(seen, code)
    if not is_a_seats("double-fork", "short", worked, max(APART, seen.slack)):
        raise wrong_time(seen, tr("the parent", "父进程"), seen.root, worked, short)
    if not is_a_seats("double-fork", "long", was, max(APART, seen.slack)):
        raise wrong_time(seen, tr("the grandchild", "孙进程"), worker, was, long)
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


def wrong_status(seen: Seen, code: object) -> Mistake:
    """Return the mistake of a parent whose exit status is no seat's."""
    return seen.mistake(
        "wrong-status",
        tr(
            f"the parent {seen.root.pid} ended with status {seen.status}, and not with {code}",
            f"父进程 {seen.root.pid} 以状态 {seen.status} 结束，而不是 {code}",
        ),
        advice=tr(
            f"the status is the parent's own: its last line is sys.exit({code}); the others' are not looked at",
            f"这是父进程自己的退出状态：它的最后一行是 sys.exit({code})；别的进程的状态不算数",
        ),
        expected=code,
        actual=seen.status,
    )


def wrong_time(seen: Seen, who: str, process: History, was: float, asked: float) -> Mistake:
    """Return the mistake of a process that works for a time that is no seat's, counted from the grandchild's birth."""
    return seen.mistake(
        "wrong-time",
        tr(
            f"{who} {process.pid} worked for {was:.1f} s, and not for {asked} s",
            f"{who} {process.pid} 工作了 {was:.1f} 秒，而不是 {asked} 秒",
        ),
        advice=tr(
            "each has its own time to sleep, and the grandchild ends then: os._exit, before the parent's part",
            "各自睡眠自己的时间；孙进程睡完就用 os._exit 结束，不要接着执行父进程的部分",
        ),
        expected=tr(f"{asked} s", f"{asked} 秒"),
        actual=tr(f"{was:.1f} s", f"{was:.1f} 秒"),
    )
