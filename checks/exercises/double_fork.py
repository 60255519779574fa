"""Exercise 12: a grandchild that works on with nobody to wait for it, since the middle process is gone at once."""

import signal

from checks.judging.drawn import is_a_seats
from checks.judging.pair import complaint
from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import CHOSEN, SHOWN, STAYS, SURE, Seen, numbers, reaps
from lab.language import tr, tr_as
from lab.student.seed import Values
from lab.trace import History, Span
from lab.trace.timeline import exited

BRIEF = 0.2  # seconds for which the middle process may stay, and then be a zombie
ORPHAN = 0.3  # seconds for which the grandchild is an orphan while the parent lives: the parent works for twice as long
APART = 0.1  # seconds: half of what lies between two seats' times


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program."""
    return seat.run("double-fork")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say who was the grandchild's parent, and what became of the middle process."""
    seen, code = Seen.of(evidence), int(values["code"])
    return results(
        Check("ran", tr("the program runs to its end"), lambda: seen.ran_with_a_status(code)),
        Check(
            "orphan", tr("the grandchild is an orphan while the parent lives"), lambda: grandchild(seen), after="ran"
        ),
        Check("alone", tr("one middle process, one grandchild"), lambda: is_alone(seen), after="orphan"),
        Check(
            "middle",
            tr("the middle process is gone in {brief} s, and no zombie", brief=BRIEF),
            lambda: is_gone(seen),
            after="orphan",
        ),
        Check("free", tr("the parent is not blocked"), lambda: is_free(seen, float(values["short"])), after="orphan"),
        Check(
            "ends",
            tr("the grandchild ends by itself"),
            lambda: ends_by_itself(seen, grandchild(seen), tr("the grandchild")),
            after="free",
        ),
        Check(
            "values",
            tr("{long} s, meanwhile {short} s, status {code}", **values),
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
        compared=(tr_as("ended", "gone at once"), tr("{lived:.1f} s", lived=seen.lived(middle))),
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


def ends_by_itself(seen: Seen, process: History, who: str) -> None:
    """See a process end by no signal and no error, as far as that is known."""
    how, words = process.exit, complaint(seen)
    if how and how.signal is not None:
        raise killed(seen, process, who, exited(how))
    if words and how and how.code and not seen.is_silent(process):
        raise crashed(
            seen,
            tr("an error has ended {who} {pid} ({how}){words}", who=who, pid=process.pid, how=exited(how), words=words),
        )


def killed(seen: Seen, process: History, who: str, how: str) -> Mistake:
    """Return the mistake of a process that a signal has ended."""
    return seen.mistake(
        "killed",
        tr("{who} {pid} did not end by itself: {how}", who=who, pid=process.pid, how=how),
        advice=tr("no signal is to end it: os._exit(0)"),
        compared=(tr("it ends by itself"), how),
    )


def crashed(seen: Seen, rationale: str) -> Mistake:
    """Return the mistake of a process that an error has ended."""
    return seen.mistake(
        "crashed",
        rationale,
        advice=tr("read the error, and mend that line"),
        compared=(tr("it ends by itself"), tr("an error")),
    )


def is_gone(seen: Seen) -> None:
    """See the middle process end right after its fork, and no child of the program's own stay a zombie."""
    worker = grandchild(seen)
    middle = middle_of(seen, worker)
    if middle and lingers(seen, middle, worker):
        raise stays(seen, middle, worker)
    middle = middle or max(seen.others, key=seen.kept)
    if middle is not worker:
        ends_by_itself(seen, middle, tr("the middle process"))
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
    raise not_waited(seen, is_ignored)


def not_waited(seen: Seen, is_ignored: bool) -> Mistake:
    """Return the mistake of a parent that waits for nobody."""
    return seen.mistake(
        "not-waited",
        tr("no wait of the parent {pid} returned a child", pid=seen.root.pid)
        + (tr(": it ignores SIGCHLD, and the kernel reaped") if is_ignored else ""),
        advice=tr("let the parent wait for the middle process, os.waitpid(pid, 0), and leave SIGCHLD as it is"),
        compared=(tr("a wait that returns the middle process"), tr("none")),
    )


def zombie_for_long(seen: Seen, middle: History, was: float) -> Mistake:
    """Return the mistake of a middle process that is waited for too late, or never."""
    return seen.mistake(
        "middle-zombie",
        tr(
            "the middle process {pid} stayed a zombie for {was:.1f} s after it ended; its parent {ppid} did not "
            "wait for it in time",
            pid=middle.pid,
            was=was,
            ppid=middle.ppid,
        ),
        advice=tr("wait for the middle process right after the fork: it ends at once, so that takes but a moment"),
        compared=(tr("at most {brief} s", brief=BRIEF), tr("{was:.1f} s", was=was)),
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
    raise blocked(seen, short, worker, left)


def blocked(seen: Seen, short: float, worker: History, left: float) -> Mistake:
    """Return the mistake of a parent that waits for the grandchild."""
    return seen.mistake(
        "blocked",
        tr(
            "the parent {root} ended {late:.1f} s after the grandchild {worker}, and not before",
            root=seen.root.pid,
            late=-left,
            worker=worker.pid,
        )
        if -left >= SHOWN
        else tr(
            "the parent {root} ended when the grandchild {worker} did, and not before",
            root=seen.root.pid,
            worker=worker.pid,
        ),
        advice=tr(
            "the parent waits for the middle process only, then sleeps for {short} s, its own work, and ends",
            short=short,
        ),
        compared=(tr("the parent ends first"), tr("the grandchild ends first")),
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
        raise wrong_time(seen, tr("the parent"), seen.root, worked, short)
    if not is_a_seats("double-fork", "long", was, max(APART, seen.slack)):
        raise wrong_time(seen, tr("the grandchild"), worker, was, long)
    raise seen.other_values(
        tr(
            "the grandchild {pid} worked for {was:.1f} s; the parent ended {worked:.1f} s after its beginning, with "
            "status {status}",
            pid=worker.pid,
            was=was,
            worked=worked,
            status=status,
        ),
        values["number"],
        compared=(
            tr("{long} s, {short} s, status {code}", long=long, short=short, code=code),
            tr("{was:.1f} s, {worked:.1f} s, status {status}", was=was, worked=worked, status=status),
        ),
    )


def wrong_status(seen: Seen, code: object) -> Mistake:
    """Return the mistake of a parent whose exit status is no seat's."""
    return seen.mistake(
        "wrong-status",
        tr(
            "the parent {pid} ended with status {status}, and not with {code}",
            pid=seen.root.pid,
            status=seen.status,
            code=code,
        ),
        advice=tr(
            "the status is the parent's own: its last line is sys.exit({code}); the others' are not looked at",
            code=code,
        ),
        compared=(code, seen.status),
    )


def wrong_time(seen: Seen, who: str, process: History, was: float, asked: float) -> Mistake:
    """Return the mistake of a process that works for a time that is no seat's, counted from the grandchild's birth."""
    return seen.mistake(
        "wrong-time",
        tr("{who} {pid} worked for {was:.1f} s, and not for {asked} s", who=who, pid=process.pid, was=was, asked=asked),
        advice=tr("each has its own time to sleep, and the grandchild ends then: os._exit, before the parent's part"),
        compared=(tr("{asked} s", asked=asked), tr("{was:.1f} s", was=was)),
    )
