"""Exercise 3: two tasks in two processes at the same time, in the time of the longer one."""

from checks.exercises.two_tasks.processes import TASK, asleep, program, too_many, two, workers
from checks.judging import pair
from checks.judging.result import Check, Mistake, Result, in_turn
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import CHOSEN, Seen
from checks.judging.timed import NEAR, SURE
from checks.judging.wording import exactly, tenths
from lab.language import tr, tr_as
from lab.student.seed import Values
from lab.trace import History, Span

TASKS = (0.4, 0.8, 1.2, 1.6)  # seconds, of any seat
APART = 0.4  # seconds, at least, between the tasks of any seat, and between the shorter one and none
IDLE = 0.1  # seconds that the program may sleep before it forks
TOGETHER = 0.1  # seconds for which both are seen; the shorter task takes four times as long


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program."""
    return seat.run("two-tasks")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say who did what, and when."""
    seen, code = Seen.of(evidence), int(values["code"])
    return in_turn(
        Check("ran", tr("the program runs to its end"), lambda: seen.ran_with_a_status(code)),
        Check("processes", tr("there are two processes"), lambda: two(seen, values)),
        Check("at-once", tr("the two tasks are done at the same time"), lambda: is_at_once(seen, values)),
        Check(
            "values", tr("tasks of {short} s and {long} s, status {code}", **values), lambda: has_values(seen, values)
        ),
    )


def alone(seen: Seen, values: Values) -> float:
    """Return the seconds that the program slept before there was any other process of it."""
    one = program(seen, values)
    born = min(child.first_seen for child in seen.trace.children(one))
    return seen.in_state(one, "S", [Span(0.0, born, 0)])


def between(seen: Seen, values: Values, found: list[History]) -> float:
    """Return the seconds that the program slept between its children, if not for multiprocessing's helpers to start."""
    begun = sorted(process.first_seen for process in found)
    has_helpers = any(map(seen.is_helper, seen.trace.processes))
    return 0.0 if has_helpers else seen.in_state(program(seen, values), "S", [Span(begun[0], begun[-1], 0)])


def total(seen: Seen, values: Values, children: list[History]) -> float:
    """Return the seconds from the first child's beginning to the program's end: a program may be slow to start."""
    return seen.ended_at(program(seen, values)) - min(child.first_seen for child in children)


def is_at_once(seen: Seen, values: Values) -> None:
    """See both tasks, and the second begun before the first was over."""
    found = workers(seen, values)
    for child in sorted(found, key=seen.ended_at, reverse=True):
        seen.is_waited_for(child)
    seen.are_waited_for(found)
    slept = alone(seen, values)
    if seen.is_rest(slept, IDLE):
        raise begins_late(seen, program(seen, values), slept)
    for child in found:
        pair.ends_by_itself(seen, child)
    if len(found) == 2:
        first, second = sorted(found, key=lambda process: process.first_seen)
        if seen.ended_at(first) - second.first_seen < TOGETHER:
            seen.can_tell(SURE)
            seen.served(within=TASK, since=first.first_seen)
            raise one_by_one(seen, first, asleep(seen, first) + asleep(seen, second))
    else:
        child_does_a(seen, found[0], values)


def child_does_a(seen: Seen, child: History, values: Values) -> None:
    """See the only child do A, and the parent B meanwhile."""
    if waited_first(seen, child, values):
        raise one_by_one(seen, child, total(seen, values, [child]))
    if is_swapped(seen, child, values):
        raise swapped(seen, child, values)
    if ran_on(seen, child, values):
        raise task_missing(seen, child, values)
    if is_a_alone(seen, child, values):
        raise b_missing(seen, child, values)


def begins_late(seen: Seen, one: History, slept: float) -> Mistake:
    """Return the mistake of a program that does something before it forks."""
    return seen.mistake(
        "one-by-one",
        tr(
            "process {pid} slept for {slept:.1f} s before it had a child: for so long it was alone",
            pid=one.pid,
            slept=slept,
        ),
        advice=tr("fork first, and sleep then: each of the two does its own task"),
        compared=(tr("at the same time"), tr_as("in turn", "one after the other")),
    )


def swapped(seen: Seen, child: History, values: Values) -> Mistake:
    """Return the mistake of a child that does the parent's task."""
    return seen.mistake(
        "swapped",
        tr(
            "your child {pid} took {asleep:.1f} s: that is B, and A is not to be seen",
            pid=child.pid,
            asleep=asleep(seen, child),
        ),
        advice=tr("let the child do A, the shorter one, and end; the parent, or a second child, does B"),
        compared=(exactly(values["short"]), tenths(asleep(seen, child))),
    )


def task_missing(seen: Seen, child: History, values: Values) -> Mistake:
    """Return the mistake of a child that goes on to the parent's task."""
    return seen.mistake(
        "task-missing",
        tr(
            "your child {pid} slept for {asleep:.1f} s: A, and then the parent's B as well",
            pid=child.pid,
            asleep=asleep(seen, child),
        ),
        advice=tr("without os._exit the child goes on with what is meant for the parent"),
        compared=(exactly(values["short"]), tenths(asleep(seen, child))),
    )


def b_missing(seen: Seen, child: History, values: Values) -> Mistake:
    """Return the mistake of a program that is over with the shorter task."""
    took = total(seen, values, [child])
    return seen.mistake(
        "b-missing",
        tr(
            "your program ended when its child {pid} had done A, and B is not to be seen: {took:.1f} s in all",
            pid=child.pid,
            took=took,
        ),
        advice=tr("while the child does A, the parent does B"),
        compared=(exactly(values["long"]), tenths(took)),
    )


def waited_first(seen: Seen, child: History, values: Values) -> bool:
    """Tell whether the parent did its own task only after the child's: then it had waited for that one at its end."""
    if seen.zombie(child) > NEAR:
        return False
    short, long = float(values["short"]), float(values["long"])
    for one, other in ((short, long), (long, short)):
        rest = seen.ended_at(program(seen, values)) - seen.ended_at(child)
        if seen.lived(child) < one - seen.unseen or rest < other - seen.unseen:
            continue  # a task may take too long, but is never too short
        if seen.took(child, one) and seen.about(rest, other):
            seen.can_tell(APART, known=seen.slack + seen.in_state(child, "D"))  # which is the kernel's doing
            return True
    return False


def is_swapped(seen: Seen, child: History, values: Values) -> bool:
    """Tell whether the only child did the longer task: a parent that waits for it shows no task of its own."""
    short, long = float(values["short"]), float(values["long"])
    slept, took = asleep(seen, child), total(seen, values, [child]) - seen.waited(child)
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
    took = total(seen, values, [child])
    is_ours = seen.status == values["code"] and seen.about(asleep(seen, child), float(values["short"]))
    return is_ours and seen.about(took, asleep(seen, child)) and took < float(values["long"]) - seen.unseen


def is_a_twice(seen: Seen, second: History, short: float, long: float) -> bool:
    """Tell whether a second child did A as well, and not B."""
    slept = asleep(seen, second)
    return seen.about(slept, short) and abs(slept - short) < abs(slept - long)


def one_by_one(seen: Seen, first: History, took: float) -> Mistake:
    """Return the mistake of doing one task after the other."""
    return seen.mistake(
        "one-by-one",
        tr("the other task began only when process {pid} had ended: {took:.1f} s in all", pid=first.pid, took=took),
        advice=tr(
            "wait stops the parent until the child has ended: begin the second task before you wait for the first"
        ),
        compared=(tr("at the same time"), tr_as("in turn", "one after the other")),
    )


def stays(seen: Seen, child: History, short: float) -> Mistake:
    """Return the mistake of a process that is there for longer than the shorter task takes."""
    return seen.mistake(
        "stays",
        tr(
            "no process ended after {short} s: the first to end, {pid}, was there for {lived:.1f} s",
            short=short,
            pid=child.pid,
            lived=seen.lived(child),
        ),
        advice=tr(
            "a child ends when its task is done; the workers of a pool stay for more: start a process for each task"
        ),
        compared=(exactly(short), tenths(seen.lived(child))),
    )


def off(seen: Seen, process: History, seconds: float) -> float:
    """Return by how much a process's task was longer or shorter: what it slept, or lived, whichever is nearer."""
    return min(abs(was - seconds) for was in (seen.lived(process), asleep(seen, process)))


def has_values(seen: Seen, values: Values) -> None:
    """Compare the tasks' times and the exit status with those of this seat.

    Where both tasks are children's, the longer one's own time counts: to start two, and to end, may take some more.
    """
    short, long, code = float(values["short"]), float(values["long"]), values["code"]
    found = workers(seen, values)
    child = min(found, key=lambda process: off(seen, process, short))
    rest = [other for other in found if other is not child]
    took = total(seen, values, found)
    off_long = min([abs(took - long), *(off(seen, other, long) for other in rest)])
    if seen.status != code:
        raise other_status(seen, values, [asleep(seen, child), asleep(seen, rest[0]) if rest else took])
    if rest and is_a_twice(seen, rest[0], short, long):
        raise too_many(seen, [process.pid for process in found])
    if not seen.is_asked(max(off(seen, child, short), off_long)):
        if off_long <= seen.slack and seen.lived(child) > short:
            raise stays(seen, child, short)
        raise other_times(seen, child, took, values)
    after = [Span(max(map(seen.ended_at, found)), seen.trace.seconds, 0)]
    slept = between(seen, values, found) + seen.in_state(program(seen, values), "S", after)
    if rest and not seen.at_most(slept, TOGETHER):
        raise other_times(seen, child, took, values)


def other_status(seen: Seen, values: Values, tasks: list[float]) -> Mistake:
    """Return the mistake of another exit status: with other tasks of some seat's, it may have been made for that."""
    status, asked = seen.status, [float(values["short"]), float(values["long"])]
    nearest = [min(TASKS, key=lambda task: abs(task - was)) for was in tasks]
    is_a_seats = status in CHOSEN and all(map(seen.about, tasks, nearest)) and nearest != asked
    told = tr(
        "the tasks took {tasks_1:.1f} s and {tasks_2:.1f} s, and the status was {status}",
        tasks_1=tasks[0],
        tasks_2=tasks[1],
        status=status,
    )
    expected = tr("{asked_1} s, {asked_2} s, status {code}", asked_1=asked[0], asked_2=asked[1], code=values["code"])
    if is_a_seats:
        return seen.other_values(told, values["number"], compared=(expected, status))
    return seen.mistake(
        "wrong-status",
        tr("the exit status was {status}, and not {code}", status=status, code=values["code"]),
        advice=tr("the parent ends with sys.exit({code}); echo $? prints it", code=values["code"]),
        compared=(values["code"], status),
    )


def other_times(seen: Seen, child: History, took: float, values: Values) -> Mistake:
    """Return the mistake of tasks, or of a whole, that took another time."""
    was, short, long = asleep(seen, child), values["short"], values["long"]
    return seen.mistake(
        "wrong-times",
        tr(
            "process {pid} slept for {was:.1f} s, and from its beginning to the end of all it was {took:.1f} s",
            pid=child.pid,
            was=was,
            took=took,
        ),
        advice=tr(
            "A takes {short} s, B {long} s, both begin at once, and nothing comes after them: {long} s in all",
            short=short,
            long=long,
        ),
        compared=(
            tr("{short} s, {long} s in all", short=short, long=long),
            tr("{was:.1f} s, {took:.1f} s in all", was=was, took=took),
        ),
    )
