"""Exercise 20: a server that drops a client which is silent for too long, and serves the others meanwhile."""

from checks.exercises.timeout.answered import ANSWER, GO_ON, IDLE, answers, answers_others
from checks.exercises.timeout.dropped import drops, has_values, keeps_talker
from checks.judging.crowd import LISTEN, Crowd, Guest
from checks.judging.result import Check, Result, in_turn
from checks.judging.seat import Evidence, Seat
from checks.judging.serving import Served, occupied, service
from checks.judging.unusual import say_unusual
from lab.language import tr
from lab.student.seed import Values

SLUG = "timeout"
SOCKET = "timeout.sock"
PATIENCE = 2.5  # seconds beyond the time after which a client must have been dropped
SILENT = 6  # more who say nothing: a place for each is what they cost
REST = 0.2  # seconds after which a listener with the same limit has met it: nobody has come for so long


def observe(seat: Seat, values: Values) -> Evidence:
    """Be a client that comes and goes, some that are silent, one that talks on and falls silent later, and three more.

    One of these falls silent within a line.
    """
    if found := occupied(seat, SLUG, SOCKET):
        return found
    with service(seat, SLUG, SOCKET, seconds=25) as served:
        if brief(served.crowd):
            visit(served.crowd, float(values["seconds"]))
        half_open = is_half_open(served.crowd)
    return served.evidence | {"half_open": half_open}


def brief(crowd: Crowd) -> bool:
    """Say a line, two in one go, some out of the ordinary, and one in two parts; tell whether each was answered."""
    if not (guest := crowd.enter("brief")):
        return False
    crowd.rest(LISTEN)  # who greets does it now
    for text in ("hello", "one\ntwo"):
        guest.say(text)
        if not crowd.until(lambda: guest.is_answered, ANSWER) or not guest.is_open:
            return False
        crowd.rest(LISTEN)  # who says more than was asked for does it now
    if not say_unusual(crowd, guest, ANSWER):
        return False
    crowd.say_in_parts(guest, b"one half and ", b"the other")
    is_good = crowd.until(lambda: guest.is_answered, ANSWER) and guest.is_open
    guest.leave()
    return is_good


def is_half_open(crowd: Crowd) -> bool:
    """Tell whether the silent client still has half of its connection, long after it has heard that it was dropped."""
    silent = next((guest for guest in crowd.guests if guest.name == "silent"), None)
    return silent is not None and not crowd.until(lambda: not silent.is_half_open, PATIENCE)


def visit(crowd: Crowd, seconds: float) -> None:
    """Connect them, and see who is dropped when."""
    if not (silent := crowd.enter("silent")):
        return
    for number in range(1, SILENT + 1):
        crowd.enter(f"{IDLE}{number}")
    if not (talker := crowd.enter("talker")):
        return
    silent.stays = True
    started = silent.clock()
    other: Guest | None = None
    while silent.is_open and silent.clock() < started + seconds + PATIENCE:
        talker.say(f"hello {len(talker.heard) + 1}")
        crowd.until(lambda: not silent.is_open or talker.is_answered, seconds + PATIENCE)
        crowd.until(lambda: not silent.is_open, seconds / 4)
        if not other and (other := crowd.enter("other")):
            other.say("hello")
    if silent.is_open or not talker.is_open:
        return
    crowd.until(lambda: talker.is_answered and (not other or other.is_answered), ANSWER)
    last = [halts(crowd, talker, seconds), comes_next(crowd, talker, seconds)]
    talker.say("goodbye")
    crowd.until(lambda: not talker.is_open, seconds + PATIENCE)
    crowd.until(lambda: not any(guest and guest.is_open for guest in last), seconds + PATIENCE)  # before others come
    crowd.rest(REST)
    if late := crowd.enter("late"):
        late.say("hello")
        crowd.until(lambda: late.is_answered, ANSWER)


def halts(crowd: Crowd, talker: Guest, seconds: float) -> Guest | None:
    """Connect one that says half a line and no more, and let the talker talk on."""
    crowd.rest(LISTEN)  # the child of who was dropped has ended by then, and the parent knows
    if half := crowd.enter("half"):
        half.begin(b"half a line")
        crowd.until(lambda: half.is_read, seconds / 4)
    talker.say(GO_ON)
    crowd.until(lambda: talker.is_answered, ANSWER)
    return half


def comes_next(crowd: Crowd, talker: Guest, seconds: float) -> Guest | None:
    """Connect another when one was dropped, while the talker talks on, so that it stays."""
    if not (newcomer := crowd.enter("next")):
        return None
    newcomer.say("hello")
    deadline = crowd.moment() + ANSWER
    while talker.is_open and not newcomer.is_answered and crowd.moment() < deadline:
        talker.say("still here")
        crowd.until(lambda: newcomer.is_answered, seconds / 4)
    return newcomer


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say who was dropped and who was answered."""
    served = Served(evidence, SOCKET)
    seconds, answer = float(values["seconds"]), str(values["answer"])
    return in_turn(
        *served.checks,
        Check("answers", tr("it answers each line with a line"), lambda: answers(served, seconds, answer)),
        Check("drops", tr("it drops a silent client"), lambda: drops(served, seconds)),
        Check("others", tr("it answers the others meanwhile"), lambda: answers_others(served, answer)),
        Check("talker", tr("it keeps a client that talks"), lambda: keeps_talker(served, seconds)),
        Check(
            "values",
            tr("silent for {seconds} s; the answer is: {answer}", seconds=seconds, answer=answer),
            lambda: has_values(served, values),
        ),
    )
