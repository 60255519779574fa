"""The grandchild: an orphan while the parent lives, and the only one at work beside it."""

from checks.exercises.double_fork.ends import crashed, killed
from checks.judging.pair import complaint
from checks.judging.result import Mistake
from checks.judging.seen import STAYS, Seen
from checks.judging.timed import SURE, reaps
from checks.judging.wording import numbers, tenths
from lab.language import tr, tr_as
from lab.trace import History, Span
from lab.trace.timeline import exited

BRIEF = 0.2  # seconds for which the middle process may stay, and then be a zombie
ORPHAN = 0.3  # seconds for which the grandchild is an orphan while the parent lives: the parent works for twice as long


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
    if seen.root.pid in [span.value for span in worker.parents]:  # the later one, if it is a subreaper
        below = [process for process in seen.children_of(worker) if seen.lived(process) > ORPHAN]
        raise stays(seen, worker, below[0]) if below else single(seen, worker)
    if parent and (lingers(seen, parent, worker) or seen.ended_at(parent) - worker.first_seen > BRIEF + seen.slack):
        raise stays(seen, parent, worker)
    raise ends_first(seen, worker) if seen.lived(worker) > orphaned(seen, worker) else no_worker(seen)


def no_worker(seen: Seen) -> Mistake:
    """Return the mistake of a program in which nobody else works."""
    if words := complaint(seen):
        return crashed(seen, tr("no grandchild worked: an error has ended it{words}", words=words))
    for process in seen.others:
        if (how := process.exit) and how.signal is not None:
            return killed(seen, process, tr("process"), exited(how))
    return seen.mistake(
        "no-child",
        tr("no process was seen to work beside the parent {pid}", pid=seen.root.pid),
        advice=tr("the grandchild is forked by the middle process, and sleeps for its time"),
        compared=(tr("a grandchild"), tr("none")),
    )


def ends_first(seen: Seen, worker: History) -> Mistake:
    """Return the mistake of a parent that has no work of its own."""
    stayed = seen.ended_at(seen.root) - worker.first_seen
    return seen.mistake(
        "parent-ends",
        tr(
            "the parent {root} ended {stayed:.1f} s after the grandchild {worker} had begun",
            root=seen.root.pid,
            stayed=stayed,
            worker=worker.pid,
        ),
        advice=tr("the parent works on for its own time (it sleeps), and only then ends"),
        compared=(tr("ppid 1 while the parent lives"), tr("the parent has ended")),
    )


def single(seen: Seen, worker: History) -> Mistake:
    """Return the mistake of a worker that is a child of the parent's own."""
    return seen.mistake(
        "single-fork",
        tr(
            "process {worker}, at work for {lived:.1f} s, is a child of the parent {root}",
            worker=worker.pid,
            lived=seen.lived(worker),
            root=seen.root.pid,
        ),
        advice=tr("one fork is not enough: let the child fork again, end at once, and leave the work to its own child"),
        compared=(tr("ppid 1 while the parent lives"), f"ppid {worker.ppid}"),
    )


def stays(seen: Seen, middle: History, worker: History) -> Mistake:
    """Return the mistake of a middle process that does not end at once."""
    return seen.mistake(
        "middle-stays",
        tr(
            "the middle process {middle} stayed for {lived:.1f} s, with its child {worker}",
            middle=middle.pid,
            lived=seen.lived(middle),
            worker=worker.pid,
        ),
        advice=tr("the middle process ends right after its fork: os._exit(0), and no wait"),
        compared=(tr_as("ended", "gone at once"), tenths(seen.lived(middle))),
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
            "{count} processes were at work beside the parent {pid}: {pids}",
            count=len(workers),
            pid=seen.root.pid,
            pids=pids,
        ),
        advice=tr("two forks in all: one in the parent, one in the middle process"),
        compared=(tr("one grandchild"), len(workers)),
    )


def too_deep(seen: Seen, worker: History, line: list[History]) -> Mistake:
    """Return the mistake of a worker that is the parent's great-grandchild."""
    pids = " ← ".join(str(process.pid) for process in [worker, *line])
    return seen.mistake(
        "too-deep",
        tr(
            "between the parent and the one at work there were {length} processes: {pids}",
            length=len(line) - 1,
            pids=pids,
        ),
        advice=tr("fork twice: parent, middle process, grandchild"),
        compared=(tr("one between them"), len(line) - 1),
    )


def middle_of(seen: Seen, worker: History) -> History | None:
    """Return the grandchild's parent; if that had gone before a sample saw both, whoever ended just then.

    Of several it is the one that was left a zombie: another may have been started, and waited for, beside it.
    """
    if parent := seen.trace.parent(worker):
        return parent
    ended = [h for h in seen.others if h is not worker and abs(seen.ended_at(h) - worker.first_seen) <= seen.unseen]
    return max(ended, key=lambda process: (seen.kept(process) > BRIEF, seen.ended_at(process)), default=None)


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
