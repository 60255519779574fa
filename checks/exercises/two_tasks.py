"""Exercise 3: two tasks in two processes at the same time, in the time of the longer one."""

from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import SURE, Seen
from lab.exercises.seed import Values
from lab.language import tr
from lab.trace import History

TASK = 0.3  # seconds; no task is shorter
APART = 0.4  # seconds, at least, between the tasks of any seat, and between the shorter one and none
TOGETHER = 0.1  # seconds for which both are seen; the shorter task takes four times as long


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program."""
    return seat.run("two-tasks")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say who did what, and when."""
    seen, code = Seen.of(evidence), int(values["code"])
    return results(
        Check("ran", tr("the program runs to its end", "程序运行到结束"), lambda: seen.ran_with_a_status(code)),
        Check("processes", tr("there are two processes", "有两个进程"), lambda: workers(seen), after="ran"),
        Check(
            "at-once",
            tr("the two tasks are done at the same time", "两个任务同时进行"),
            lambda: is_at_once(seen, values),
            after="processes",
        ),
        Check(
            "values",
            tr(
                f"tasks of {values['short']} s and {values['long']} s, status {values['code']}",
                f"任务需 {values['short']} 秒和 {values['long']} 秒，状态 {values['code']}",
            ),
            lambda: has_values(seen, values),
            after="at-once",
        ),
    )


def asleep(seen: Seen, process: History) -> float:
    """Return how long a process slept."""
    return seen.in_state(process, "SD")


def total(seen: Seen, children: list[History]) -> float:
    """Return the seconds from the first child's beginning to the program's end: a program may be slow to start."""
    return seen.ended_at(seen.root) - min(child.first_seen for child in children)


def workers(seen: Seen) -> list[History]:
    """Return the processes, beside the first one, that slept for as long as a task takes."""
    found = [process for process in seen.others if asleep(seen, process) > seen.enough(TASK)]
    if found:
        return found
    seen.can_tell(TASK, known=seen.unseen)
    threads = max(span.value for span in seen.root.threads) if seen.root.threads else 1
    if threads > 1:
        raise seen.mistake(
            "threads",
            tr(
                f"your program was one process with {threads} threads, {seen.root.pid}",
                f"您的程序是一个有 {threads} 个线程的进程：{seen.root.pid}",
            ),
            advice=tr(
                "threads are in one process; what is asked for is a second process: fork",
                "线程都在同一个进程里；这里要的是第二个进程：用 fork",
            ),
            expected=tr("two processes", "两个进程"),
            actual=tr("threads", "线程"),
        )
    took = asleep(seen, seen.root)
    raise seen.mistake(
        "one-process",
        tr(
            f"process {seen.root.pid} slept for {took:.1f} s, and no other process had a task",
            f"进程 {seen.root.pid} 睡眠了 {took:.1f} 秒，没有别的进程在做任务",
        ),
        advice=tr(
            "one process does one thing after the other: fork, and let the child do A while the parent does B",
            "一个进程只能一件一件地做：请 fork，子进程做 A 的同时，父进程做 B",
        ),
        expected=tr("two processes", "两个进程"),
        actual=tr("one process", "一个进程"),
    )


def is_at_once(seen: Seen, values: Values) -> None:
    """See both tasks, and the second begun before the first was over."""
    found = workers(seen)
    seen.is_waited_for(max(found, key=seen.ended_at))
    if len(found) > 1:
        first, second = sorted(found, key=lambda process: process.first_seen)[:2]
        if seen.ended_at(first) - second.first_seen < TOGETHER:
            seen.can_tell(SURE)
            seen.served(within=TASK, since=first.first_seen)
            raise one_by_one(seen, first, asleep(seen, first) + asleep(seen, second))
    elif waited_first(seen, found[0], values):
        raise one_by_one(seen, found[0], total(seen, found))
    elif is_swapped(seen, found[0], values):
        raise seen.mistake(
            "swapped",
            tr(
                f"your child {found[0].pid} took {asleep(seen, found[0]):.1f} s: that is B, and A is not to be seen",
                f"您的子进程 {found[0].pid} 用了 {asleep(seen, found[0]):.1f} 秒：这是 B，看不到 A",
            ),
            advice=tr(
                "let the child do A, the shorter one, and end; the parent, or a second child, does B",
                "让子进程做较短的 A，做完就结束；B 由父进程或另一个子进程来做",
            ),
            expected=tr(f"{values['short']} s", f"{values['short']} 秒"),
            actual=tr(f"{asleep(seen, found[0]):.1f} s", f"{asleep(seen, found[0]):.1f} 秒"),
        )
    elif ran_on(seen, found[0], values):
        child = found[0]
        raise seen.mistake(
            "task-missing",
            tr(
                f"your child {child.pid} slept for {asleep(seen, child):.1f} s: A, and then the parent's B as well",
                f"您的子进程 {child.pid} 睡眠了 {asleep(seen, child):.1f} 秒：做完 A 又去做了父进程的 B",
            ),
            advice=tr(
                "without os._exit the child goes on with what is meant for the parent",
                "没有 os._exit，子进程会继续执行本来给父进程的语句",
            ),
            expected=tr(f"{values['short']} s", f"{values['short']} 秒"),
            actual=tr(f"{asleep(seen, child):.1f} s", f"{asleep(seen, child):.1f} 秒"),
        )
    elif is_a_alone(seen, found[0], values):
        raise seen.mistake(
            "b-missing",
            tr(
                f"your program ended when its child {found[0].pid} had done A, and B is not to be seen: "
                f"{total(seen, found):.1f} s in all",
                f"子进程 {found[0].pid} 做完 A，程序就结束了，看不到 B：总共 {total(seen, found):.1f} 秒",
            ),
            advice=tr("while the child does A, the parent does B", "子进程做 A 的同时，父进程要做 B"),
            expected=tr(f"{values['long']} s", f"{values['long']} 秒"),
            actual=tr(f"{total(seen, found):.1f} s", f"{total(seen, found):.1f} 秒"),
        )


def waited_first(seen: Seen, child: History, values: Values) -> bool:
    """Tell whether the parent did its own task only after the child's."""
    short, long = float(values["short"]), float(values["long"])
    for one, other in ((short, long), (long, short)):
        rest = seen.ended_at(seen.root) - seen.ended_at(child)
        if seen.lived(child) < one - seen.unseen or rest < other - seen.unseen:
            continue  # a task may take too long, but is never too short
        if seen.took(child, one) and seen.about(rest, other):
            seen.can_tell(APART, known=seen.slack + seen.in_state(child, "D"))  # which is the kernel's doing
            return True
    return False


def is_swapped(seen: Seen, child: History, values: Values) -> bool:
    """Tell whether the only child did the longer task: a parent that waits for it shows no task of its own."""
    short, long = float(values["short"]), float(values["long"])
    slept, took = asleep(seen, child), total(seen, [child]) - seen.waited(child)
    nearest = min((short, long, short + long), key=lambda task: abs(slept - task))
    return nearest == long and seen.about(slept, long) and seen.about(took, long)


def ran_on(seen: Seen, child: History, values: Values) -> bool:
    """Tell whether the child did both tasks."""
    if not seen.about(asleep(seen, child), float(values["short"]) + float(values["long"])):
        return False
    seen.can_tell(APART)
    return seen.status == values["code"]  # of another seat, it may have been one task


def is_a_alone(seen: Seen, child: History, values: Values) -> bool:
    """Tell whether all was over when the child had done the shorter task: nothing sleeps for less than it is told."""
    took = total(seen, [child])
    is_ours = seen.status == values["code"] and seen.about(asleep(seen, child), float(values["short"]))
    return is_ours and seen.about(took, asleep(seen, child)) and took < float(values["long"]) - seen.unseen


def one_by_one(seen: Seen, first: History, took: float) -> Mistake:
    """Return the mistake of doing one task after the other."""
    return seen.mistake(
        "one-by-one",
        tr(
            f"the other task began only when process {first.pid} had ended: {took:.1f} s in all",
            f"进程 {first.pid} 结束后，另一个任务才开始：共用 {took:.1f} 秒",
        ),
        advice=tr(
            "wait stops the parent until the child has ended: begin the second task before you wait for the first",
            "wait 会让父进程一直等到子进程结束：先开始第二个任务，再等待第一个",
        ),
        expected=tr("at the same time", "同时"),
        actual=tr("one after the other", "一个接一个"),
    )


def stays(seen: Seen, child: History, short: float) -> Mistake:
    """Return the mistake of a process that is there for longer than the shorter task takes."""
    return seen.mistake(
        "stays",
        tr(
            f"no process ended after {short} s: the first to end, {child.pid}, was there for {seen.lived(child):.1f} s",
            f"没有进程在 {short} 秒后结束：最先结束的 {child.pid} 存在了 {seen.lived(child):.1f} 秒",
        ),
        advice=tr(
            "a child ends when its task is done; the workers of a pool stay for more: start a process for each task",
            "任务做完，子进程就结束；进程池的工作进程会留下等待更多任务：请为每个任务启动一个进程",
        ),
        expected=tr(f"{short} s", f"{short} 秒"),
        actual=tr(f"{seen.lived(child):.1f} s", f"{seen.lived(child):.1f} 秒"),
    )


def off(seen: Seen, process: History, seconds: float) -> float:
    """Return by how much a process's task was longer or shorter: what it slept, or lived, whichever is nearer."""
    return min(abs(was - seconds) for was in (seen.lived(process), asleep(seen, process)))


def has_values(seen: Seen, values: Values) -> None:
    """Compare the tasks' times and the exit status with those of this seat.

    Where both tasks are children's, the longer one's own time counts: to start two, and to end, may take some more.
    """
    short, long, code = float(values["short"]), float(values["long"]), values["code"]
    found = workers(seen)
    child = min(found, key=lambda process: off(seen, process, short))
    was, took, status = seen.lived(child), total(seen, found), seen.status
    off_long = min([abs(took - long), *(off(seen, other, long) for other in found if other is not child)])
    if status == code and seen.is_asked(max(off(seen, child, short), off_long)):
        return
    if status == code and off_long <= seen.slack:
        raise stays(seen, child, short)
    raise seen.other_values(
        tr(
            f"process {child.pid} had a task of {was:.1f} s, all took {took:.1f} s, and the status was {status}",
            f"进程 {child.pid} 的任务用了 {was:.1f} 秒，总共用了 {took:.1f} 秒，退出状态是 {status}",
        ),
        values["number"],
        expected=tr(f"{short} s, {long} s, status {code}", f"{short} 秒、{long} 秒，状态 {code}"),
        actual=tr(f"{was:.1f} s, {took:.1f} s, status {status}", f"{was:.1f} 秒、{took:.1f} 秒，状态 {status}"),
    )
