"""Exercise 5: parent and child each print their own pid and the other's, and the kernel is asked whether it is so."""

import re
from dataclasses import dataclass

from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen, numbers
from lab.exercises.seed import Values
from lab.language import tr
from lab.trace import History

# Two that print at once may share a line: a name may follow another's number.
LINE = re.compile(r"([a-z]{1,40})[\s:]+pid\s*=\s*(\d{1,9})[\s,]+(parent|child)\s*=\s*(\d{1,9})", re.IGNORECASE)


@dataclass(frozen=True)
class Said:
    """What one of the two has printed."""

    name: str
    own: int
    other: int


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program."""
    return seat.run("pids")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Compare what was printed with the processes that there were."""
    seen = Seen.of(evidence)
    return results(
        Check("ran", tr("the program runs to its end", "程序运行到结束"), seen.ran),
        Check(
            "forked",
            tr("there are a parent and a child", "有一个父进程和一个子进程"),
            seen.has_another,
            after="ran",
        ),
        Check(
            "printed",
            tr("the pids printed are the kernel's", "打印的 PID 与内核的一致"),
            lambda: is_true(seen),
            after="forked",
        ),
        Check(
            "values",
            tr(
                f"the parent is called {values['parent']}, the child {values['child']}",
                f"父进程叫 {values['parent']}，子进程叫 {values['child']}",
            ),
            lambda: has_values(seen, values),
            after="printed",
        ),
    )


def said(seen: Seen, other: str) -> Said:
    """Return what the child has printed, who names its `parent`, or the parent, who names its `child`."""
    found = [line for line in LINE.findall("\n".join(seen.said)) if line[2] == other]
    if found:
        return Said(found[-1][0], int(found[-1][1]), int(found[-1][3]))
    whose = tr("parent", "父进程") if other == "child" else tr("child", "子进程")
    raise seen.mistake(
        "not-printed",
        tr(f"no line of the {whose} was found in what was printed", f"打印的内容中没有{whose}的那一行"),
        advice=tr(
            f"it looks like this: NAME pid=4711 {other}=4712, with flush=True",
            f"它的格式是：NAME pid=4711 {other}=4712，并加上 flush=True",
        ),
        expected=f"NAME pid=… {other}=…",
        actual=" | ".join(seen.said)[:60],
    )


def is_true(seen: Seen) -> None:
    """Compare the four numbers with what the kernel knows."""
    child, parent = said(seen, "parent"), said(seen, "child")
    process = seen.history(child.own)
    if process is None:
        raise not_own(seen, child)
    if process is not seen.root and any(span.value not in seen.pids for span in process.parents):
        raise orphaned(seen, process)
    if process is seen.root:
        raise before_the_fork(seen, process)
    if child.other != process.ppid:
        raise wrong(seen, [process.pid, process.ppid], [child.own, child.other], tr("child", "子进程"))
    if parent.own != process.ppid or parent.other != process.pid:
        raise wrong(seen, [process.ppid, process.pid], [parent.own, parent.other], tr("parent", "父进程"))


def not_own(seen: Seen, child: Said) -> Mistake:
    """Return the mistake of a child that has printed a pid which none of the program's processes had."""
    if child.own != 0:
        return wrong(seen, [process.pid for process in seen.others], [child.own], tr("child", "子进程"))
    return seen.mistake(
        "fork-returned-0",
        tr(
            f"the child has printed pid=0: that is what fork returned to it; its pid was {numbers(real(seen))}",
            f"子进程打印了 pid=0：这是 fork 给它的返回值；它的 PID 是 {numbers(real(seen))}",
        ),
        advice=tr(
            "0 only tells the child that it is the child: its own pid is os.getpid()",
            "0 只是告诉子进程“你是子进程”：它自己的 PID 要用 os.getpid() 得到",
        ),
        expected=numbers(real(seen)),
        actual=0,
    )


def real(seen: Seen) -> list[int]:
    """Return the pids of the children."""
    return [process.pid for process in seen.others]


def orphaned(seen: Seen, process: History) -> Mistake:
    """Return the mistake of a parent that has not waited: its child has had two parents."""
    adopter = process.parents[-1].value
    return seen.mistake(
        "adopted",
        tr(
            f"your child {process.pid} lost its parent and was adopted by {adopter}: that is its parent's pid now",
            f"您的子进程 {process.pid} 失去了父进程，被 {adopter} 收养：现在它的父进程是 {adopter}",
        ),
        advice=tr("let the parent wait for the child: os.wait()", "让父进程等待子进程：os.wait()"),
        expected=seen.root.pid,
        actual=adopter,
    )


def before_the_fork(seen: Seen, process: History) -> Mistake:
    """Return the mistake of a child that has printed its parent's pid as its own."""
    return seen.mistake(
        "parents-own",
        tr(
            f"the child has printed its parent's pid, {process.pid}, as its own, which was {numbers(real(seen))}",
            f"子进程把 {process.pid} 当作自己的 PID 打印：那是父进程的；它自己的是 {numbers(real(seen))}",
        ),
        advice=tr(
            "a pid that was kept in a variable before the fork is the parent's, in both: call os.getpid() after it",
            "在 fork 之前存进变量的 PID，在两个进程里都是父进程的：请在 fork 之后调用 os.getpid()",
        ),
        expected=numbers(real(seen)),
        actual=process.pid,
    )


def wrong(seen: Seen, expected: list[int], actual: list[int], whose: str) -> Mistake:
    """Return the mistake of numbers that are not the kernel's."""
    return seen.mistake(
        "wrong-pid",
        tr(
            f"the {whose} has printed {numbers(actual)}, and the kernel knows {numbers(expected)}",
            f"{whose}打印了 {numbers(actual)}，而内核知道的是 {numbers(expected)}",
        ),
        advice=tr(
            "os.getpid() is one's own, os.getppid() the parent's; the parent gets the child's from fork",
            "os.getpid() 是自己的，os.getppid() 是父进程的；父进程从 fork 的返回值得到子进程的 PID",
        ),
        expected=numbers(expected),
        actual=numbers(actual),
    )


def has_values(seen: Seen, values: Values) -> None:
    """Compare the names with those of this seat."""
    parent, child = said(seen, "child").name, said(seen, "parent").name
    if (parent, child) != (values["parent"], values["child"]):
        raise seen.other_values(
            tr(f"the parent is called {parent}, the child {child}", f"父进程叫 {parent}，子进程叫 {child}"),
            values["number"],
            expected=f"{values['parent']}, {values['child']}",
            actual=f"{parent}, {child}",
        )
