"""Exercise 12: a grandchild that works on with nobody to wait for it, since the middle process is gone at once."""

from checks.exercises.double_fork.ends import ends_by_itself
from checks.exercises.double_fork.grandchild import BRIEF, grandchild, is_alone
from checks.exercises.double_fork.middle import is_gone
from checks.exercises.double_fork.parent import has_values, is_free
from checks.judging.result import Check, Result, results
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen
from lab.language import tr
from lab.student.seed import Values


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
