"""Exercise 17: a process tree of a given shape, under the program's own pid."""

import re
from dataclasses import dataclass

from checks.judging.result import Check, Mistake, Result, in_turn
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen
from checks.judging.spans import at, lives, stretches
from checks.judging.wording import hundredths, numbers, pids_of, tenths
from lab.exercises.tree.values import SHAPES, Tree, written
from lab.language import tr
from lab.student.seed import Values
from lab.trace import History, Span
from lab.trace.timeline import command_line

APART = 0.25  # seconds to which it must be known who ended last
HOLD = 0.7  # seconds for which it has to be seen whole; 1 s is asked for
LONG = 1.5  # seconds for which it may stand at most, and each of it stay from then on
SURE = 0.2  # seconds to which times must be known of what was there for longer
EXTRA = 0.2  # seconds for which none sleeps that is not of the five
COUNT = 5  # processes, in every seat


@dataclass(frozen=True)
class Grown:
    """The tree at a moment: its shape, and the same with pids."""

    shape: Tree
    pids: str

    @property
    def written(self) -> str:
        """The shape as the statement's hints write it."""
        return written(self.shape)

    @property
    def members(self) -> set[int]:
        """The pids of those below the program."""
        return {int(pid) for pid in re.findall(r"\d+", self.pids)[1:]}

    @property
    def count(self) -> int:
        """How many processes are below the program."""
        return self.written.count("x")


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program."""
    return seat.run("tree")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say what grew under the program."""
    seen = Seen.of(evidence)
    return in_turn(
        Check("ran", tr("the program runs to its end, the last"), lambda: ran(seen)),
        Check("shape", tr("under its pid stands {shape}", shape=values["shape"]), lambda: stands(seen, values)),
        Check("ends", tr("each of them ends by itself"), lambda: end(seen, values)),
    )


def ran(seen: Seen) -> None:
    """See it run to its end, and nobody left when it ended."""
    seen.ran()
    late = [(seen.ended_at(history) - seen.ended_at(seen.root), history.pid) for history in seen.others]
    if any(seconds > 0 for seconds, _ in late):
        seen.can_tell(APART, known=seen.unseen)
    left = [pid for seconds, pid in late if seconds > seen.unseen]
    if left:
        seen.served(within=max(late)[0] - seen.unseen, since=0.0)
        raise left_behind(seen, left)


def left_behind(seen: Seen, left: list[int]) -> Mistake:
    """Return the mistake of a program that ends before its processes do."""
    return seen.mistake(
        "left-behind",
        tr(
            "your program {pid} ended while {count} of its processes still ran: {left}",
            pid=seen.root.pid,
            count=len(left),
            left=numbers(left),
        ),
        advice=tr("each process waits for its own children, all of them, before it ends"),
        compared=(tr("nobody left"), numbers(left)),
    )


def stands(seen: Seen, values: Values) -> None:
    """See the shape that was asked for, long enough, or say which one stood longest."""
    trees = all_trees(seen)
    right = max((span.seconds for span in trees if span.value.written == values["shape"]), default=0.0)
    if seen.lasted(right, HOLD):
        return is_alone(seen, trees, values)
    seen.can_tell(HOLD, known=seen.unseen)
    seen.served(within=HOLD, since=min((history.first_seen for history in seen.others), default=0.0))
    orphan = next((h for h in seen.others if adopter(seen, h) and seen.lived(h) > seen.slack), None)
    if orphan and all(span.value.count <= COUNT for span in trees):
        raise orphaned(seen, orphan)
    best = standing(trees)
    if right > best.seconds / 2:
        seen.can_tell(HOLD)
        raise brief(seen, right)
    if best.value.written in map(written, SHAPES):
        raise seen.other_values(sentence(seen, best), values["number"], compared=(values["shape"], best.value.written))
    raise other_count(seen, best) if best.value.count != COUNT else other_shape(seen, best, values)


def all_trees(seen: Seen) -> list[Span[Grown]]:
    """Return what stood below the program, from each change to the next."""
    spans = stretches(seen.trace, lambda moment: grown(seen, moment))
    return [Span(span.start, span.end, span.value) for span in spans if span.value]


def standing(trees: list[Span[Grown]]) -> Span[Grown]:
    """Return what stood longest, the program alone only if nothing else did."""
    return max(trees, key=lambda span: (span.value.count > 0, span.seconds))


def is_alone(seen: Seen, trees: list[Span[Grown]], values: Values) -> None:
    """See that the tree stood no longer than it may, and that nobody else was started who stayed."""
    best = max((span for span in trees if span.value.written == values["shape"]), key=lambda span: span.seconds)
    if seen.is_over(best.start, best.seconds, LONG, SURE):
        raise stands_long(seen, best.seconds)
    last = max((h for h in seen.others if h.pid in best.value.members), key=seen.ended_at)
    if seen.is_over(best.start, stay := seen.ended_at(last) - best.start, LONG, SURE):
        raise stays(seen, last.pid, stay)
    more = [h for h in seen.others if h.pid not in best.value.members and seen.in_state(h, "S") > EXTRA]
    if more:
        raise extra(seen, best, more)


def stands_long(seen: Seen, seconds: float) -> Mistake:
    """Return the mistake of the right shape that stays for too long."""
    return seen.mistake(
        "long",
        tr("the shape was right, and stood for {seconds:.1f} s", seconds=seconds),
        advice=tr("let each leaf sleep for 1 s, and then end"),
        compared=(tr("1 s"), tenths(seconds)),
    )


def stays(seen: Seen, pid: int, seconds: float) -> Mistake:
    """Return the mistake of one that stays when the others have ended."""
    return seen.mistake(
        "stays",
        tr(
            "the shape was right, but process {pid} stayed for {seconds:.1f} s from when it was whole",
            pid=pid,
            seconds=seconds,
        ),
        advice=tr("let each leaf sleep for 1 s, and each other process end as soon as its children have"),
        compared=(tr("1 s"), tenths(seconds)),
    )


def extra(seen: Seen, best: Span[Grown], more: list[History]) -> Mistake:
    """Return the mistake of a program that starts others beside the five."""
    slept = max(seen.in_state(history, "S") for history in more)
    pids = pids_of(more)
    return seen.mistake(
        "extra",
        tr(
            "beside the five of {value_pids} there was {pids}, which slept for {slept:.1f} s",
            value_pids=best.value.pids,
            pids=pids,
            slept=slept,
        ),
        advice=tr("start five processes, and no other: a child that goes on with what is its parent's forks too"),
        compared=(tr("{count} processes", count=COUNT), tr("{count} more", count=len(more))),
    )


def end(seen: Seen, values: Values) -> None:
    """See each of the tree end by itself."""
    members = next(span.value.members for span in all_trees(seen) if span.value.written == values["shape"])
    for history in seen.others:
        if history.pid in members:
            seen.ends_by_itself(history)


def adopter(seen: Seen, process: History) -> int | None:
    """Return who adopted a process, None if nobody did while the program was there."""
    spans = [span for span in process.parents if span.value not in seen.pids]
    return spans[0].value if spans and spans[0].start < seen.ended_at(seen.root) - seen.unseen else None


def orphaned(seen: Seen, process: History) -> Mistake:
    """Return the mistake of a parent that ended first: what it has started is under PID 1 then."""
    return seen.mistake(
        "orphaned",
        tr(
            "process {pid} was adopted, since its parent had ended: it is not under your program any more",
            pid=process.pid,
        ),
        advice=tr("each process waits for its own children, all of them, before it ends"),
        compared=(tr("under {pid}", pid=seen.root.pid), tr("under {adopter}", adopter=adopter(seen, process))),
    )


def grown(seen: Seen, moment: float) -> Grown | None:
    """Return the tree at a moment, None while the program itself was not there."""
    there = [history for history in seen.trace.processes if lives(history, moment)]
    if seen.root not in there:
        return None
    below: dict[int, list[int]] = {}
    for history in there:
        below.setdefault(at(history.parents, moment) or 0, []).append(history.pid)
    return branch(seen.root.pid, below)


def branch(pid: int, below: dict[int, list[int]]) -> Grown:
    """Return the tree that begins with a process."""
    parts = [branch(child, below) for child in sorted(below.get(pid, []))]
    parts.sort(key=lambda part: written(part.shape, "x"), reverse=True)  # pids stand where the shape has them
    pids = f"{pid}({' '.join(part.pids for part in parts)})" if parts else str(pid)
    return Grown(tuple(part.shape for part in parts), pids)


def sentence(seen: Seen, span: Span[Grown]) -> str:
    """Say what stood."""
    return tr(
        "what stood for {seconds:.1f} s was {written}, with pids {pids}",
        seconds=span.seconds,
        written=span.value.written,
        pids=span.value.pids,
    )


def error(seen: Seen) -> str:
    """Return what ended one of the processes, if it was an error."""
    return seen.last_words if any(seen.has_failed(history) for history in seen.others) else ""


def brief(seen: Seen, seconds: float) -> Mistake:
    """Return the mistake of the right shape that did not last."""
    return seen.mistake(
        "brief",
        tr("the shape was right, but whole for only {seconds:.2f} s", seconds=seconds) + error(seen),
        advice=tr("let each leaf sleep for 1 s, and each other process wait for its children"),
        compared=(tr("1 s"), hundredths(seconds)),
    )


def other_count(seen: Seen, best: Span[Grown]) -> Mistake:
    """Return the mistake of another number of processes."""
    too_many = tr("a child that goes on in the loop of its parent forks too: end it with os._exit")
    too_few = tr("all five must be there at the same time: fork them first, and let them sleep; do not wait in between")
    there = [h for h in seen.others if h.pid in best.value.members]
    program = next((h for h in there if h.command != seen.root.command), None)
    if program and best.value.count > COUNT:
        line = command_line(program.command)
        too_many = tr(
            "each process counts, {pid} too ({line}): let the program sleep itself, or become it by exec",
            pid=program.pid,
            line=line,
        )
    return seen.mistake(
        "count",
        sentence(seen, best) + error(seen),
        advice=too_many if best.value.count > COUNT else too_few,
        compared=(tr("{count} processes below the program", count=COUNT), best.value.count),
    )


def other_shape(seen: Seen, best: Span[Grown], values: Values) -> Mistake:
    """Return the mistake of as many processes in another shape."""
    if len(best.value.shape) == COUNT:
        advice = tr("all are the program's own children: a grandchild must be forked by a child, after its own fork")
    else:
        advice = tr(
            "the number is right, but another one must fork: who forks is the parent, whatever the program's text "
            "looks like; compare with pstree -p"
        )
    return seen.mistake("shape", sentence(seen, best), advice=advice, compared=(values["shape"], best.value.written))
