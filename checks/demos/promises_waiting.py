"""Promises of the demos of waiting: who is whose child, who waits for whom, and that no zombie stays."""

import re

from checks.demos.promises import Seen, ran, watched
from checks.lab.place import Place
from lab.trace import History


def tree(seat: Place) -> None:
    """The demo has started a and d, a has started b and c, and d has started e; all sleep."""
    with watched(seat, "tree") as seen:
        shape = shape_below(seen, seen.root)
        if shape != "(a(b c) d(e))":
            raise seen.wrong("the tree has another shape", expected="(a(b c) d(e))", actual=shape)
        for process in seen.trace.processes:
            seen.shows(process, "S", "it waits for a signal")


def shape_below(seen: Seen, process: History) -> str:
    """Return the names of the processes below one, each with those below it, in parentheses."""
    below = [child.command.comm + shape_below(seen, child) for child in seen.trace.children(process)]
    return f"({' '.join(sorted(below))})" if below else ""


def orphan(seat: Place) -> None:
    """When its parent ends, a child lives on, asleep, with another parent, which is not of the demo."""
    with watched(seat, "orphan") as seen:
        parent = seen.only_child()
        seen.slept(parent, 0.3, "it works until it ends")
        children = seen.trace.children(parent)
        if len(children) != 1:
            raise seen.wrong(f"{seen.who(parent)} had no child to leave", expected=1, actual=len(children))
        (child,) = children
        adopter = seen.adopter(child)
        seen.shows(child, "S", "an orphan lives on")
        said = seen.prints(r"child pid=(\d+) ppid=(\d+) -> ppid=(\d+)", "the orphan tells who its parents are")
        seen.same(
            "the orphan's pid, former and present ppid",
            [int(pid) for pid in said.groups()],
            [child.pid, parent.pid, adopter],
        )
        seen.no_zombie()


def zombie(seat: Place) -> None:
    """A child that has ended is a zombie until its parent waits for it, and then gone."""
    with watched(seat, "zombie") as seen:
        zombies = [child for child in seen.children if child.state_at(seen.moment) == "Z"]
        if len(zombies) != 1:
            raise seen.wrong(
                f"{len(zombies)} zombies were there when it was looked at, not 1",
                expected=1,
                actual=len(zombies),
                advice="a child is a zombie from its end until its parent waits for it",
            )
        (child,) = zombies
        seen.shows(seen.root, "S", "it waits for a signal, and not for its child")
        seen.prints(rf"reaped pid={child.pid} exitcode=3", "in the end the parent waits for its child")


def wait(seat: Place) -> None:
    """The parent sleeps until each child has ended, one by exit code 3, one killed, and learns which."""
    seen = ran(seat, "wait")
    worker, victim = seen.only_children(2)
    seen.slept(worker, 0.3, "it works until it ends")
    seen.slept(victim, 0.6, "it works until it is killed")
    seen.slept(seen.root, 0.6, "it waits for its children")
    seen.no_zombie()
    said = [re.fullmatch(r"pid=(\d+) status=(0x\w+) .*exitcode=(-?\d+)", line) for line in seen.said]
    learnt = [line.groups() for line in said if line]
    wanted = [(str(worker.pid), "0x0300", "3"), (str(victim.pid), "0x0009", "-9")]
    seen.same("pid, status and exit code", learnt, wanted)


def waitpid(seat: Place) -> None:
    """While the child works, the parent asks for it again and again and works on; then it learns exit code 4."""
    seen = ran(seat, "waitpid")
    child = seen.only_child()
    seen.slept(child, 0.5, "it works until it ends")
    if seen.said.count("waitpid=(0, 0)") < 2:
        raise seen.wrong(
            "waitpid never said `not yet`: the parent did not work while the child did",
            expected="waitpid=(0, 0), several times",
            actual="\n".join(seen.said),
            advice="WNOHANG lets waitpid return at once",
        )
    seen.prints(rf"waitpid=\({child.pid}, {4 << 8}\) exitcode=4", "the last answer has the child's pid and status")
    seen.no_zombie()


def sigchld(seat: Place) -> None:
    """Three children end at the same moment, and the handler waits for all of them: no zombie stays."""
    with watched(seat, "sigchld") as seen:
        seen.no_zombie()
        seen.shows(seen.root, "S", "it has nothing left to do")
        said = [re.fullmatch(r"reaped pid=(\d+) exitcode=(\d)", line) for line in seen.said]
        reaped = [(int(line[1]), line[2]) for line in said if line]
        if sorted(code for _, code in reaped) != ["1", "2", "3"]:
            raise seen.wrong("the handler did not wait for three children", expected="1 2 3", actual=reaped)
        seen.same_children([pid for pid, _ in reaped])


def double_fork(seat: Place) -> None:
    """The middle process is gone, and the grandchild lives on with a parent that is not of the demo."""
    with watched(seat, "double_fork") as seen:
        if not (living := [process for process in seen.others if process.state_at(seen.moment)]):
            raise seen.wrong("no grandchild was there when it was looked at", expected=1, actual=0)
        (grandchild,) = living[:1]
        adopter = seen.adopter(grandchild)
        seen.shows(grandchild, "S", "it works on")
        seen.shows(seen.root, "S", "it works on, and waits for nobody")
        if len(living) > 1:
            raise seen.wrong("the middle process is still there", expected="gone", actual=living[1].pid)
        said = seen.prints(r"grandchild pid=(\d+) ppid=(\d+)", "the grandchild tells who its parent is")
        seen.same("the grandchild's pid and ppid", [int(pid) for pid in said.groups()], [grandchild.pid, adopter])
        seen.no_zombie()


def parent_first(seat: Place) -> None:
    """The parent ends at once, and the child works on for half a second with another parent."""
    seen = ran(seat, "parent_first")
    if len(seen.others) != 1:  # not `children`: the parent may have gone before the first sample of the child
        raise seen.wrong(f"{len(seen.others)} orphans were seen, not 1", expected=1, actual=len(seen.others))
    (child,) = seen.others
    seen.slept(child, 0.5, "it works on when its parent has ended")
    adopter = seen.adopter(child)
    seen.slept(child, 0.5, f"it works on with its new parent {adopter}", parent=adopter)
    said = seen.prints(r"child pid=(\d+) ppid=(\d+) -> ppid=(\d+)", "the orphan tells who its parents are")
    seen.same(
        "the orphan's pid, former and present ppid",
        [int(pid) for pid in said.groups()],
        [child.pid, seen.root.pid, adopter],
    )
    seen.no_zombie()
