"""Promises of the demos of fork: what is copied, who is who, how a process ends, and what two are good for."""

import re

from checks.demos.promises import ran
from checks.lab.place import Place

TASK = 0.4  # seconds that a task of one_by_one and two_at_once sleeps


def one_by_one(seat: Place) -> None:
    """One process sleeps through one task after the other, 0.8 s in all."""
    seen = ran(seat, "one_by_one")
    seen.is_alone()
    seen.slept(seen.root, 2 * TASK, "it has two tasks of 0.4 s")
    seen.has_threads(seen.root, 1)


def two_at_once(seat: Place) -> None:
    """Two processes sleep through a task each, at the same time."""
    seen = ran(seat, "two_at_once")
    child = seen.only_child()
    for process in seen.root, child:
        seen.slept(process, TASK, "each of the two has a task of 0.4 s")
    # A parent whose task comes before or after the child's sleeps through both: one it does, one it waits for. What
    # the child spends awake, the parent waits for in any case.
    both = seen.spent(seen.root, "S")
    excused = seen.spent(child, "RZ")
    if both - TASK > TASK / 2 + excused + seen.unseen:
        raise seen.wrong(
            f"the demo slept for {both:.1f} s in all, its own task and the child's: "
            "the tasks were done one after the other",
            expected=TASK,
            actual=f"{both:.2f} s",
        )
    seen.no_zombie()


def fork(seat: Place) -> None:
    """The child's `a` is 2 and the parent's still 1; the parent goes on when the child has ended."""
    seen = ran(seat, "fork")
    lines = [re.fullmatch(r"(\w+) pid=(\d+) a=(\d)", line) for line in seen.said]
    said = [(line[1], int(line[3])) for line in lines if line]
    if said != [("before", 1), ("child", 2), ("parent", 1)]:
        raise seen.wrong(
            "the child and the parent do not each have an `a` of their own",
            expected="before 1, child 2, parent 1",
            actual="\n".join(seen.said),
        )
    before, child, parent = (int(line[2]) for line in lines if line)
    seen.same("the parent's pid, twice", [before, parent], [seen.root.pid] * 2)
    if child == seen.root.pid:
        raise seen.wrong(f"the child's line was printed by the parent {child} itself: there was no fork")
    seen.same_children([child])


def pids(seat: Place) -> None:
    """What getpid, getppid and fork return in both processes is what the kernel knows of them."""
    seen = ran(seat, "pids")
    lesson = "parent and child each have the three numbers"
    child = seen.prints(r"child fork=0 getpid=(?P<pid>\d+) getppid=(?P<ppid>\d+)", lesson)
    parent = seen.prints(r"parent fork=(?P<fork>\d+) getpid=(?P<pid>\d+) getppid=(?P<ppid>\d+)", lesson)
    seen.same("the parent's pid", int(parent["pid"]), seen.root.pid)
    seen.same("the parent's ppid", int(parent["ppid"]), seen.root.ppid)
    seen.same("the child's ppid", int(child["ppid"]), seen.root.pid)
    seen.same("fork's return value in the parent", parent["fork"], child["pid"])
    seen.same_children([int(child["pid"])])


def exit(seat: Place) -> None:  # noqa: A001 (the demo's name)
    """After sys.exit the clean-up runs and the buffer is written, after os._exit nothing; the exit code is the same."""
    seen = ran(seat, "exit")
    tidy = seen.prints(r"exit:(?P<words>.*) -> 3", "sys.exit(3) gives exit code 3")
    if sorted(tidy["words"].split()) != ["atexit", "buffer", "finally"]:
        raise seen.wrong("sys.exit did not clean up", expected="finally atexit buffer", actual=tidy["words"])
    abrupt = seen.prints(r"_exit:(?P<words>.*) -> 3", "os._exit(3) gives exit code 3")
    if abrupt["words"]:
        raise seen.wrong("something ran after os._exit", expected="nothing", actual=abrupt["words"])
    for child in seen.children:
        if child.exit and child.exit.code != 3:
            raise seen.wrong(f"{seen.who(child)} ended with {child.exit}", expected=3, actual=child.exit)
    seen.no_zombie()
