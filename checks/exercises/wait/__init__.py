"""Exercise 9: several children, each reaped as it ends by a parent that sleeps meanwhile."""

from checks.exercises.wait.asked import has_values
from checks.exercises.wait.children import children
from checks.exercises.wait.parent import end, is_over, sleeps
from checks.exercises.wait.reaping import are_reaped
from checks.judging.result import Check, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen
from lab.language import tr
from lab.student.seed import Values


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program."""
    return seat.run("wait")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say when each child ended, and when it was reaped."""
    seen = Seen.of(evidence)
    return results(
        Check("ran", tr("the program runs to its end"), seen.ran),
        Check("children", tr("several children run at once"), lambda: children(seen), after="ran"),
        Check(
            "reaped", tr("each is reaped as it ends"), lambda: are_reaped(seen, int(values["count"])), after="children"
        ),
        Check("sleeps", tr("the parent sleeps meanwhile"), lambda: sleeps(seen), after="children"),
        Check(
            "values", tr("{count} children: {seconds} s", **values), lambda: has_values(seen, values), after="reaped"
        ),
        Check("ends", tr("each child ends by itself"), lambda: end(seen), after="reaped"),
        Check("over", tr("then the parent ends"), lambda: is_over(seen), after="reaped"),
    )
