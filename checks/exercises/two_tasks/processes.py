"""The processes: the one that forks, and those that have a task; each task is a sleep."""

from checks.judging import pair
from checks.judging.result import Mistake
from checks.judging.seen import Seen
from checks.judging.wording import numbers
from lab.language import tr
from lab.student.seed import Values
from lab.trace import History, Span

TASK = 0.3  # seconds; no task is shorter
COMPUTES = 0.3  # seconds of CPU that whoever only sleeps, and waits, does not need


def asleep(seen: Seen, process: History) -> float:
    """Return how long a process slept."""
    return seen.in_state(process, "SD")


def program(seen: Seen, values: Values) -> History:
    """Return the process that is to fork: the first, or one that the first has started, and does nothing but wait for.

    Such a one has children of its own, or slept longer than any task: it did both.
    """
    history, children = seen.root, seen.children_of(seen.root)
    while len(children) == 1 and is_started(seen, history, children[0], float(values["long"])):
        history, children = children[0], seen.children_of(children[0])
    return history


def is_started(seen: Seen, by: History, history: History, long: float) -> bool:
    """Tell whether a process runs another program than its parent, which does not go to sleep any more after it."""
    after = [Span(seen.ended_at(history), seen.ended_at(by), 0)]
    works = bool(seen.children_of(history)) or asleep(seen, history) > long + seen.slack
    return works and history.command != by.command and seen.in_state(by, "S", after) < seen.enough(TASK)


def at_work(seen: Seen, values: Values) -> list[History]:
    """Return those that slept as long as a task takes, but the process that forks, and those that wait for it."""
    one = program(seen, values)
    line = [one]
    while parent := seen.trace.parent(line[-1]):
        line.append(parent)
    return [process for process in seen.others if process not in line and asleep(seen, process) > seen.enough(TASK)]


def workers(seen: Seen, values: Values) -> list[History]:
    """Return those of them that the program has started itself: one may do its task by another process."""
    found = at_work(seen, values)
    return [process for process in found if seen.trace.parent(process) not in found]


def two(seen: Seen, values: Values) -> None:
    """See a child or two with a task."""
    one, found, working = program(seen, values), workers(seen, values), at_work(seen, values)
    copies = [h for h in working if (parent := seen.trace.parent(h)) in working and h.command == parent.command]
    if len(found + copies) > 2 or copies:
        raise too_many(seen, [process.pid for process in found + copies])
    if not found:
        raise no_child(seen, one)
    if computing := computes(seen, one):
        raise computed(seen, computing)
    if len(found) == 1:
        seen.sleeps_for(one, float(values["long"]), since=found[0].first_seen)
    if more := [copy.pid for copy in seen.copies(one) if copy not in found]:
        raise too_many_forked(seen, found, more)


def computes(seen: Seen, one: History) -> History | None:
    """Return the process that has used the CPU the most since the first fork, if it computed."""
    born = min(child.first_seen for child in seen.trace.children(one))
    same = [each for each in (one, *seen.others) if each.command == one.command]
    used = [(seen.used(each, born, seen.trace.seconds) if each is one else each.cpu, each) for each in same]
    most, process = max(used, key=lambda pair: pair[0])
    return process if most > COMPUTES else None


def computed(seen: Seen, process: History) -> Mistake:
    """Return the mistake of a process that is busy where it is to sleep."""
    running = seen.in_state(process, "R")
    return seen.mistake(
        "computes",
        tr("process {pid} was R for {running:.1f} s, and did not sleep", pid=process.pid, running=running),
        advice=tr("a task is a sleep here: time.sleep with its time, and no loop that looks at the clock"),
        compared=("S", "R"),
    )


def too_many_forked(seen: Seen, found: list[History], more: list[int]) -> Mistake:
    """Return the mistake of children that have no task."""
    pids = [child.pid for child in found]
    told = tr("beside {found} the parent forked {pids}, which had no task", found=numbers(pids), pids=numbers(more))
    return more_than_two(seen, told, 1 + len(found) + len(more))


def too_many(seen: Seen, pids: list[int]) -> Mistake:
    """Return the mistake of more processes than there are tasks."""
    told = tr(
        "beside the first process {count} slept for as long as a task takes: {pids}",
        count=len(pids),
        pids=numbers(pids),
    )
    return more_than_two(seen, told, len(pids) + 1)


def more_than_two(seen: Seen, rationale: str, count: int) -> Mistake:
    """Return the mistake of so many processes."""
    return seen.mistake(
        "too-many",
        rationale,
        advice=tr("fork once: after it both processes go on, to a second fork as well; two tasks need two processes"),
        compared=(tr("two processes"), count),
    )


def no_child(seen: Seen, one: History) -> Mistake:
    """Return the mistake of a program of which one process did all there was to do. Raises CouldNotRunError."""
    seen.can_tell(TASK, known=seen.unseen)
    if words := pair.complaint(seen):
        return pair.crashed(seen, tr("no child had a task: an error{words}", words=words))
    busy = max(seen.copies(one), key=lambda child: seen.in_state(child, "R"), default=None)
    if busy and seen.in_state(busy, "R") > seen.enough(TASK):
        return computed(seen, busy)
    threads = max(span.value for span in one.threads) if one.threads else 1
    if threads > 1:
        return has_threads(seen, one, threads)
    took = asleep(seen, one)
    return seen.mistake(
        "one-process",
        tr("process {pid} slept for {took:.1f} s, and no other slept as long as a task takes", pid=one.pid, took=took),
        advice=tr("one process does one thing after the other: fork, and let the child do A while the parent does B"),
        compared=(tr("two processes"), tr("one process")),
    )


def has_threads(seen: Seen, one: History, threads: int) -> Mistake:
    """Return the mistake of threads where processes are asked for."""
    idle = max(seen.copies(one), key=seen.lived, default=None)
    return seen.mistake(
        "threads",
        tr("your program was one process with {threads} threads, {pid}", threads=threads, pid=one.pid)
        if idle is None
        else tr(
            "the tasks were done by {threads} threads of process {pid}; its child {idle} had none, and lived for "
            "{lived:.1f} s",
            threads=threads,
            pid=one.pid,
            idle=idle.pid,
            lived=seen.lived(idle),
        ),
        advice=tr("threads are in one process; what is asked for is a second process: fork"),
        compared=(tr("two processes"), tr("threads")),
    )
