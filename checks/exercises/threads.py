"""Exercise 19: one process with k threads, and beside it k processes with one thread each."""

import re
from dataclasses import dataclass

from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen, numbers
from checks.judging.spans import at, lives, stretches
from lab.exercises.threads.values import NUMBERS
from lab.language import counted, tr
from lab.student.seed import Values
from lab.trace import History, Span

HOLD = 0.7  # seconds for which all have to be seen at the same time; 1 s is asked for
LONG = 1.5  # seconds for which they may be there at most, and each of them stay from then on
WAITED = 0.4  # seconds of waiting for the CPU that may be why they were not all there for so long
SURE = 0.2  # seconds to which times must be known of what was there for longer
EXTRA = 0.2  # seconds for which nobody else sleeps
FAILED = re.compile(r"^Exception in thread .*", re.MULTILINE)


@dataclass(frozen=True)
class Crowd:
    """Who is there at a moment: pid and number of threads of those with several, the pids of those with one."""

    threaded: tuple[tuple[int, int], ...]
    single: tuple[int, ...]

    @property
    def counts(self) -> tuple[list[int], int]:
        """How many threads each has that has several, and how many processes have one."""
        return [count for _, count in self.threaded], len(self.single)


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program."""
    return seat.run("threads")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say who had how many threads."""
    seen = Seen.of(evidence)
    k = int(values["k"])
    description = tr(
        f"one process with {k} threads, beside {k} with one each", f"一个有 {k} 个线程的进程，旁边 {k} 个单线程的进程"
    )
    return results(
        Check("ran", tr("the program runs to its end", "程序运行到结束"), seen.ran),
        Check(
            "kinds",
            tr("there are threads, and processes, at the same time", "线程和进程同时存在"),
            lambda: best(seen),
            after="ran",
        ),
        Check("counts", description, lambda: has_counts(seen, values), after="kinds"),
        Check("ends", tr("all of them end by themselves", "它们各自自己结束"), lambda: end(seen), after="counts"),
    )


def crowds(seen: Seen) -> list[Span[Crowd]]:
    """Return who was there, from each change to the next."""
    return stretches(seen.trace, lambda moment: crowd(seen, moment))


def crowd(seen: Seen, moment: float) -> Crowd:
    """Return who is there at a moment; a first process with one thread only looks after the others."""
    there = [(h, at(h.threads, moment) or 0) for h in (seen.root, *seen.others) if lives(h, moment)]
    return Crowd(
        tuple((history.pid, threads) for history, threads in there if threads > 1),
        tuple(history.pid for history, threads in there if threads == 1 and history is not seen.root),
    )


def best(seen: Seen) -> list[Span[Crowd]]:
    """Return the stretches with threads beside processes, be it that those have several too."""
    spans = crowds(seen)
    both = [span for span in spans if span.value.threaded and len(span.value.threaded + span.value.single) > 1]
    if both:
        return both
    most = max(spans, key=lambda span: (bool(span.value.threaded or span.value.single), span.seconds)).value
    if not any(span.value.threaded for span in spans):
        raise no_threads(seen, most)
    if not any(span.value.single for span in spans):
        raise no_processes(seen, most)
    raise seen.mistake(
        "apart",
        tr(
            "there were threads, and there were processes, but never at the same time",
            "有过线程，也有过进程，但从未同时存在",
        ),
        advice=tr("start all of them first, and only then join and wait", "先把它们全部启动，然后才 join 和 wait"),
        expected=tr("at the same time", "同时"),
        actual=tr("one after the other", "先后"),
    )


def no_threads(seen: Seen, most: Crowd) -> Mistake:
    """Return the mistake of processes where threads are asked for."""
    if not most.single:
        return nobody(seen)
    return seen.mistake(
        "no-threads",
        tr(
            f"{counted(len(most.single), 'process was', 'processes were')} beside the first ({numbers(most.single)}), "
            "and none ever had more than one thread",
            f"除第一个进程外有 {len(most.single)} 个进程（{numbers(most.single)}），没有一个有过多于一个线程",
        )
        + error(seen),
        advice=tr(
            "what fork makes is a process, with a pid of its own: use threading.Thread for those inside one process",
            "fork 产生的是进程，有自己的 PID：一个进程之内的线程要用 threading.Thread",
        ),
        expected=tr("NLWP over 1 in one process", "有一个进程的 NLWP 大于 1"),
        actual=tr("NLWP 1 everywhere", "NLWP 全部为 1"),
    )


def nobody(seen: Seen) -> Mistake:
    """Return the mistake of a program that starts nobody."""
    return seen.mistake(
        "nobody",
        tr(
            f"your program {seen.root.pid} was alone, with one thread, for {seen.trace.seconds:.1f} s",
            f"您的程序 {seen.root.pid} 在 {seen.trace.seconds:.1f} 秒内一直只有它自己，只有一个线程",
        )
        + error(seen),
        advice=tr(
            "fork for the processes first, then start the threads in one of them or in the program itself",
            "先 fork 出各个进程，再在其中一个或程序自己里启动线程",
        ),
        expected=tr("processes and threads", "进程和线程"),
        actual=tr("one process", "一个进程"),
    )


def error(seen: Seen) -> str:
    """Return what ended one of the processes or threads, if it was an error."""
    failed = any(seen.has_failed(history) for history in seen.others) or FAILED.search(seen.complaints)
    return seen.last_words if failed else ""


def no_processes(seen: Seen, most: Crowd) -> Mistake:
    """Return the mistake of threads where processes are asked for."""
    pid, threads = max(most.threaded, key=lambda pair: pair[1])
    return seen.mistake(
        "no-processes",
        tr(
            f"process {pid} had {counted(threads, 'thread', 'threads')}, and no process with one thread was beside it",
            f"进程 {pid} 有 {threads} 个线程，但旁边没有单线程的进程",
        ),
        advice=tr(
            "threads share one pid: fork for the processes, before you start the threads",
            "线程共用一个 PID：要得到进程，请在启动线程之前 fork",
        ),
        expected=tr("processes beside it", "旁边有进程"),
        actual=tr("threads only", "只有线程"),
    )


def has_counts(seen: Seen, values: Values) -> None:
    """Compare the numbers with those that were asked for in this seat."""
    k = int(values["k"])
    both = best(seen)
    right = max((span.seconds for span in both if span.value.counts == ([k], k)), default=0.0)
    if seen.lasted(right, HOLD):
        return is_all(seen, both, k)
    seen.can_tell(HOLD, known=seen.unseen)
    longest = max(both, key=lambda span: span.seconds)
    if right > longest.seconds / 2:
        seen.can_tell(HOLD)
        raise brief(seen, right)
    seen.served(within=min(HOLD - right, WAITED), since=min((child.first_seen for child in seen.others), default=0.0))
    threads, processes = longest.value.counts
    if threads == [processes] and processes in NUMBERS and processes != k:
        raise seen.other_values(
            sentence(longest),
            values["number"],
            expected=tr(f"{k} threads, {k} processes", f"{k} 个线程，{k} 个进程"),
            actual=tr(
                f"{counted(processes, 'thread', 'threads')}, {counted(processes, 'process', 'processes')}",
                f"{processes} 个线程，{processes} 个进程",
            ),
        )
    raise other_counts(seen, longest, k)


def right_ones(both: list[Span[Crowd]], k: int) -> Span[Crowd]:
    """Return the longest stretch with the right numbers."""
    return max((span for span in both if span.value.counts == ([k], k)), key=lambda span: span.seconds)


def is_all(seen: Seen, both: list[Span[Crowd]], k: int) -> None:
    """See that they were there for no longer than they may, and nobody else who stayed."""
    span = right_ones(both, k)
    if not seen.at_most(span.seconds, LONG, SURE):
        seen.served(within=span.seconds - LONG - seen.slack, since=span.start)
        raise long(seen, span.seconds)
    pids = {*span.value.single, *(pid for pid, _ in span.value.threaded)}
    stay, pid = max((leaves(seen, h) - span.start, h.pid) for h in seen.trace.processes if h.pid in pids)
    if not seen.at_most(stay, LONG, SURE):
        seen.served(within=stay - LONG - seen.slack, since=span.start)
        raise stays(seen, pid, stay)
    more = [h for h in seen.others if h.pid not in pids and seen.in_state(h, "S") > EXTRA and has_no_task(seen, h)]
    if more:
        raise extra(seen, span, more)


def leaves(seen: Seen, history: History) -> float:
    """Return when one of them was there no more: a first process may wait on, once it has one thread again."""
    if history is seen.root:
        return max((span.end for span in history.threads if span.value > 1), default=0.0)
    return seen.ended_at(history)


def has_no_task(seen: Seen, history: History) -> bool:
    """Tell whether a process looked after nobody: one that waits for the others is as good as the first."""
    return not seen.children_of(history)


def end(seen: Seen) -> None:
    """See that no process was ended, and no thread failed."""
    for history in seen.others:
        seen.ends_by_itself(history)
    if failed := FAILED.search(seen.complaints):
        raise seen.mistake(
            "ended-badly",
            tr(f"a thread ended by an error ({failed[0]})", f"有线程因出错而结束（{failed[0]}）") + seen.last_words,
            advice=tr("read the error, and mend that line of the thread's", "读一读错误信息，改正线程的那一行"),
            expected=tr("an end of its own", "自己结束"),
            actual=failed[0],
        )


def long(seen: Seen, seconds: float) -> Mistake:
    """Return the mistake of the right numbers that stay for too long."""
    return seen.mistake(
        "long",
        tr(f"the numbers were right, and for {seconds:.1f} s", f"数目正确，但持续了 {seconds:.1f} 秒"),
        advice=tr("let each thread and each child sleep for 1 s", "让每个线程和每个子进程睡眠 1 秒"),
        expected=tr("1 s", "1 秒"),
        actual=tr(f"{seconds:.1f} s", f"{seconds:.1f} 秒"),
    )


def stays(seen: Seen, pid: int, seconds: float) -> Mistake:
    """Return the mistake of one that stays when the others have ended."""
    return seen.mistake(
        "stays",
        tr(
            f"the numbers were right, but process {pid} stayed for {seconds:.1f} s from when all were there",
            f"数目正确，但从全部到齐的时刻起，进程 {pid} 又停留了 {seconds:.1f} 秒",
        ),
        advice=tr(
            "let each thread and each child sleep for 1 s, and then end", "让每个线程和每个子进程睡眠 1 秒，然后结束"
        ),
        expected=tr("1 s", "1 秒"),
        actual=tr(f"{seconds:.1f} s", f"{seconds:.1f} 秒"),
    )


def extra(seen: Seen, span: Span[Crowd], more: list[History]) -> Mistake:
    """Return the mistake of processes beside those that are asked for."""
    slept = max(seen.in_state(history, "S") for history in more)
    return seen.mistake(
        "extra",
        sentence(span)
        + tr(
            f"; before or after, {numbers([h.pid for h in more])} slept for {slept:.1f} s",
            f"；在此之前或之后，{numbers([h.pid for h in more])} 睡眠了 {slept:.1f} 秒",
        ),
        advice=tr(
            "start no other processes; a child that goes on in its parent's loop forks too: end it with os._exit",
            "不要启动别的进程；子进程如果继续执行父进程的循环，也会 fork：用 os._exit 结束它",
        ),
        expected=tr("nobody else", "没有别的进程"),
        actual=tr(f"{len(more)} more", f"多出 {len(more)} 个"),
    )


def sentence(span: Span[Crowd]) -> str:
    """Say who was there."""
    many = tr(" and ", "、").join(
        tr(f"process {pid} with {counted(threads, 'thread', 'threads')}", f"有 {threads} 个线程的进程 {pid}")
        for pid, threads in span.value.threaded[:4]
    )
    single = span.value.single
    listed = numbers(single) or "-"
    return tr(
        f"for {span.seconds:.2f} s there was {many}, beside {len(single)} with one thread ({listed})",
        f"在 {span.seconds:.2f} 秒内有{many}，旁边有 {len(single)} 个单线程的进程（{listed}）",
    )


def other_counts(seen: Seen, span: Span[Crowd], k: int) -> Mistake:
    """Return the mistake of other numbers; one thread too many has a hint of its own."""
    threads, processes = span.value.counts
    is_counted = threads == [k + 1] and processes == k
    advice = (
        tr(
            f"the thread that a process begins with counts too: start {k - 1} more",
            f"进程最初的那个线程也算：再启动 {k - 1} 个即可",
        )
        if counted
        else tr(
            "count with: ps -o pid,nlwp,stat,args; one process has all the threads, the others have one each",
            "用 ps -o pid,nlwp,stat,args 数一数：一个进程有全部线程，其他进程各有一个",
        )
    )
    listed = tr(", ", "、").join(map(str, threads))
    return seen.mistake(
        "main-counts" if is_counted else "count",
        sentence(span),
        advice=advice,
        expected=tr(f"one with {k} threads, {k} with one", f"一个有 {k} 个线程，{k} 个单线程"),
        actual=tr(f"with {listed} threads; {processes} with one", f"线程数 {listed}；单线程的 {processes} 个"),
    )


def brief(seen: Seen, seconds: float) -> Mistake:
    """Return the mistake of the right numbers that did not last."""
    return seen.mistake(
        "brief",
        tr(
            f"the numbers were right, but only for {seconds:.2f} s",
            f"数目正确，但只持续了 {seconds:.2f} 秒",
        )
        + error(seen),
        advice=tr(
            "let each thread and each child sleep for 1 s, and wait only after all were started",
            "让每个线程和每个子进程睡眠 1 秒，全部启动之后才等待",
        ),
        expected=tr("1 s", "1 秒"),
        actual=tr(f"{seconds:.2f} s", f"{seconds:.2f} 秒"),
    )
