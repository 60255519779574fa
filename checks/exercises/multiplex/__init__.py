"""Exercise 21: one process with one thread serves many clients at once, and sleeps when none of them speaks."""

from checks.exercises.multiplex.answered import answers, comes_and_goes, has_values, lines
from checks.exercises.multiplex.clients import visit
from checks.exercises.multiplex.server import is_one, rests
from checks.judging.interrupted import may_be_interrupted
from checks.judging.result import Check, Result, in_turn
from checks.judging.seat import Evidence, Seat
from checks.judging.serving import Served, occupied, service
from lab.language import tr
from lab.student.seed import Values

SLUG = "multiplex"
SOCKET = "multiplex.sock"


def observe(seat: Seat, values: Values) -> Evidence:
    """Be the clients: all at once, in other orders than that of their coming, silent, one gone, one new.

    Once more, if it may be our own pause that has ended the server.
    """
    if found := occupied(seat, SLUG, SOCKET):
        return found
    found = be_clients(seat, values, is_paused=True)
    return be_clients(seat, values, is_paused=False) if may_be_interrupted(found) else found


def be_clients(seat: Seat, values: Values, is_paused: bool) -> Evidence:
    """Run the server, and be its clients; it may be stopped once, so that it finds several things at once."""
    with service(seat, SLUG, SOCKET, seconds=40) as served:
        quiet = visit(served.crowd, int(values["clients"]), is_paused)
    return served.evidence | quiet


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say whether one process, one thread has served them all, and slept in between."""
    served = Served(evidence, SOCKET)
    count = int(values["clients"])
    return in_turn(
        *served.checks,
        Check(
            "answers",
            tr("{count} clients at once are answered, in any order", count=count),
            lambda: answers(served, count),
        ),
        Check("lines", tr("a line is a line, in however many pieces"), lambda: lines(served)),
        Check("coming", tr("clients come and go, and more than those"), lambda: comes_and_goes(served)),
        Check("one", tr("one process, one thread"), lambda: is_one(served)),
        Check("rests", tr("it sleeps while nobody speaks"), lambda: rests(served)),
        Check(
            "values",
            tr("the answer begins with: {answer}", answer=values["answer"]),
            lambda: has_values(served, values),
        ),
    )
