"""The number of children and the time of each, compared with those of this seat."""

from checks.exercises.wait.children import CHILD, children, parent_of_most, runs_on, workers
from checks.judging.result import Mistake
from checks.judging.seen import Seen
from checks.judging.wording import pids_of
from lab.exercises.wait.values import SECONDS
from lab.language import tr
from lab.proc import by_birth
from lab.student.seed import Values
from lab.trace import History

NEAR = 0.15  # seconds by which a time may be off and be one of those that a seat may have


def order(times: list[float]) -> list[int]:
    """Return who ends when: that is known even where the machine is too busy for the times themselves."""
    return sorted(range(len(times)), key=times.__getitem__)


def asked_for(values: Values) -> list[float]:
    """Return the times of this seat's children."""
    return [float(seconds) for seconds in str(values["seconds"]).split(", ")]


def has_values(seen: Seen, values: Values) -> None:
    """Compare the number of children, and the life of each, with those of this seat."""
    found, asked = children(seen), asked_for(values)
    if are_asked(seen, found, asked) and not extra(seen, found):
        return
    seen.can_tell(0.25)  # in a longer gap a child might have been missed
    if len(found) > len(asked):
        seen.served(within=CHILD, since=0.0)  # what a shell runs for itself takes longer, if it must wait for the CPU
    if forking := [child for child in found if len(workers(seen, child)) > 1]:
        raise runs_on(seen, forking[0])
    added = extra(seen, found)
    if len(found) < len(asked):  # these are of the children, and have slept for too short a time
        found, added = by_birth([*found, *added]), []
    if added:
        raise one_more(seen, added, len(asked))
    if len(found) == len(asked):
        for child, seconds in zip(found, asked, strict=True):
            seen.sleeps_for(child, seconds)
    raise other_children(seen, found, asked, values)


def are_asked(seen: Seen, found: list[History], asked: list[float]) -> bool:
    """Tell whether these are the children that are asked for, in this order."""
    slept = [seen.in_state(child, "S") for child in found]  # to start may take each another time
    is_in_order = order(asked) in (order([seen.lived(child) for child in found]), order(slept))
    return len(found) == len(asked) and all(map(seen.took, found, asked)) and is_in_order


def extra(seen: Seen, found: list[History]) -> list[History]:
    """Return the children that were forked, and have no task."""
    return [child for child in seen.copies(parent_of_most(seen)) if child not in found]


def one_more(seen: Seen, added: list[History], count: int) -> Mistake:
    """Return the mistake of a parent that has forked more often than it should."""
    was = max(map(seen.lived, added))
    return seen.mistake(
        "count",
        tr(
            "beside the children that slept for their time, the parent forked {pids}, which lived for {was:.2f} s",
            pids=pids_of(added),
            was=was,
        ),
        advice=tr("fork {count} times, not more", count=count),
        compared=(tr("{count} children", count=count), tr("{count} more", count=len(added))),
    )


def measured(seen: Seen, child: History) -> float:
    """Return for how long a child slept, or lived where it is rather that which is one of a seat's times."""
    return min(seen.in_state(child, "S"), seen.lived(child), key=lambda was: min(abs(was - one) for one in SECONDS))


def other_children(seen: Seen, found: list[History], asked: list[float], values: Values) -> Mistake:
    """Return the mistake of children that sleep for other times, or in another order, or are more or fewer."""
    times = [measured(seen, child) for child in found]
    was = ", ".join(f"{seconds:.1f}" for seconds in times[:8])
    rationale = tr("children that slept: {count}, for {was} s", count=len(found), was=was)
    expected = tr("{count}: {seconds} s", count=len(asked), seconds=values["seconds"])
    actual = tr("{count}: {was} s", count=len(found), was=was)
    if len(found) != len(asked) and (len(times) not in (3, 4, 5) or is_cut(times, asked)):
        key, advice = ("count", tr("one child for each of the times, no more and no fewer"))
    elif all(map(is_near, sorted(times), sorted(asked))) and len(times) == len(asked):
        key, advice = "order", tr("the times are right, but not in this order")
    elif is_a_seats(times):
        return seen.other_values(rationale, values["number"], compared=(expected, actual))
    else:
        key, advice = "times", tr("give each child a time of its own to sleep for")
    return seen.mistake(key, rationale, advice=advice, compared=(expected, actual))


def is_near(was: float, asked: float) -> bool:
    """Tell whether a time is about as asked, and no other time of a seat."""
    return abs(was - asked) <= NEAR


def is_cut(times: list[float], asked: list[float]) -> bool:
    """Tell whether the shorter list is the beginning of the longer one."""
    return all(map(is_near, times, asked))


def is_a_seats(times: list[float]) -> bool:
    """Tell whether another seat may have these times: each another one, and the first the longest."""
    nearest = [min(SECONDS, key=lambda one: abs(one - was)) for was in times]
    return len({*nearest}) == len(nearest) and nearest[0] == max(nearest) and all(map(is_near, times, nearest))
