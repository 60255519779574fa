"""Exercise 8: a child that stays a zombie for a while, and is then reaped by a parent that lives on."""

import signal

from checks.judging.drawn import is_a_seats
from checks.judging.pair import complaint_of, crashed
from checks.judging.result import Check, Mistake, Result, in_turn
from checks.judging.seat import Evidence, Seat
from checks.judging.seen import Seen
from checks.judging.timed import NEAR
from checks.judging.wording import exactly, hundredths, pids_of, tenths, tenths_with_status, with_status
from lab.language import tr
from lab.student.seed import Values
from lab.trace import History, Span
from lab.trace.timeline import exited

BRIEF = 0.2  # seconds: a child that its parent waits for at once may be seen as a zombie for a moment
LIVES_ON = 0.2  # seconds of the 0.3 for which the parent lives on
LONGEST = 0.6  # seconds for which it may live on
RUNS = 0.5  # seconds of CPU that a child may need that executes another program, and ends
KEPT = range(2, 100)  # exit statuses that seats have


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program."""
    return seat.run("zombie")


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say what became of its children."""
    seen = Seen.of(evidence)
    return in_turn(
        Check("ran", tr("the program runs to its end"), seen.ran),
        Check("zombie", tr("a child becomes a zombie"), lambda: zombie(seen)),
        Check("ends", tr("the child ends at once, by itself"), lambda: ends_at_once(seen, values["code"])),
        Check("reaped", tr("its parent waits for it, and lives on"), lambda: is_reaped(seen)),
        Check("values", tr("Z for {seconds} s, status {code}", **values), lambda: has_values(seen, values)),
    )


def zombie(seen: Seen) -> History:
    """Return the child that was a zombie for the longest time."""
    found = [child for child in seen.others if seen.kept(child) > BRIEF]
    if len(found) > 1:
        raise several(seen, found)
    if found:
        seen.has_no_more(seen.trace.parent(found[0]) or seen.root, found[0])
        return found[0]
    if seen.ignores(seen.root, signal.SIGCHLD):
        raise ignored(seen)
    if not seen.others:
        raise no_child(seen)
    raise no_zombie(seen, max(seen.others, key=lambda history: history.last_seen - history.first_seen))


def no_zombie(seen: Seen, child: History) -> Mistake:
    """Return the mistake of a program whose child was no zombie: it has not ended, or was waited for."""
    asleep = seen.in_state(child, "SD")
    if asleep > BRIEF and seen.zombie(child) <= seen.unseen:
        return never_ended(seen, child, asleep)
    seen.can_tell(0.3)
    if seen.zombie(child) > BRIEF + seen.unseen:
        seen.served(within=BRIEF, since=child.first_seen)
    return reaped_at_once(seen, child)


def never_ended(seen: Seen, child: History, asleep: float) -> Mistake:
    """Return the mistake of a child that slept, and did not end."""
    return seen.mistake(
        "asleep",
        tr("your child {pid} slept for {asleep:.1f} s, and was never a zombie", pid=child.pid, asleep=asleep),
        advice=tr(
            "a zombie has ended: let the child end at once, and the parent sleep before it waits (a shell waits "
            "by itself)"
        ),
        compared=("Z", "S"),
    )


def reaped_at_once(seen: Seen, child: History) -> Mistake:
    """Return the mistake of a child that was waited for at once."""
    return seen.mistake(
        "reaped-at-once",
        tr("your child {pid} ended, and was gone at once: it was no zombie for longer than a moment", pid=child.pid),
        advice=tr("let the parent sleep between the child's end and wait (a shell waits by itself)"),
        compared=("Z", tr("gone at once")),
    )


def no_child(seen: Seen) -> Mistake:
    """Return the mistake of a program of one process."""
    return seen.mistake(
        "no-child",
        tr("your program was seen as one process: a child, if it had one, was gone within a moment"),
        advice=tr(
            "the check asks the kernel, whatever is printed: fork a child, let it end, and do not wait for it yet"
        ),
        compared=("Z", tr("one process")),
    )


def ignored(seen: Seen) -> Mistake:
    """Return the mistake of a parent that has the kernel reap."""
    return seen.mistake(
        "ignored",
        tr("process {pid} ignores SIGCHLD (SigIgn in /proc): then the kernel keeps no zombie", pid=seen.root.pid),
        advice=tr("leave SIGCHLD as it is, and do not wait yet"),
        compared=("Z", "SIG_IGN"),
    )


def several(seen: Seen, found: list[History]) -> Mistake:
    """Return the mistake of more zombies than one."""
    return seen.mistake(
        "several",
        tr("{count} processes became zombies: {pids}", count=len(found), pids=pids_of(found)),
        advice=tr("fork once: after it both processes go on, and a second fork is done by both"),
        compared=(tr("one child"), len(found)),
    )


def ends_at_once(seen: Seen, code: object) -> None:
    """See the child end by itself, and without a rest before."""
    child = zombie(seen)
    if child.exit and child.exit.signal is not None:
        raise killed(seen, child, exited(child.exit), code)
    words = complaint_of(seen, child)
    if words and child.exit and child.exit.code not in (0, code):
        raise crashed(
            seen,
            tr(
                "an error has ended your child {pid} ({how}){words}", pid=child.pid, how=exited(child.exit), words=words
            ),
        )
    if not seen.is_rest(seen.in_state(child, "S"), BRIEF) and child.cpu <= RUNS:
        return
    raise ends_late(seen, child)


def killed(seen: Seen, child: History, how: str, code: object) -> Mistake:
    """Return the mistake of a child that a signal has ended: then no exit status is kept."""
    return seen.mistake(
        "child-killed",
        tr("your child {pid} did not end by itself: {how}, so there is no exit status", pid=child.pid, how=how),
        advice=tr("let the child end itself: os._exit({code})", code=code),
        compared=(tr("exit {code}", code=code), how),
    )


def ends_late(seen: Seen, child: History) -> Mistake:
    """Return the mistake of a child that lives for a while."""
    lived = seen.lived(child)
    return seen.mistake(
        "ends-late",
        tr("your child {pid} lived for {lived:.1f} s before it became a zombie", pid=child.pid, lived=lived),
        advice=tr("the child ends at once: it only calls os._exit; it is the parent that sleeps"),
        compared=(tr("at once"), tr("after {lived:.1f} s", lived=lived)),
    )


def is_reaped(seen: Seen) -> None:
    """See the zombie's own parent alive after the zombie was gone."""
    child = zombie(seen)
    parent = seen.trace.parent(child)
    if parent and not child.adoptions and seen.outlived(parent, child):
        return lives_on(seen, parent, child)
    if parent and seen.is_reaped(child) is not False:
        raise ends_with_it(seen, parent, child)
    raise never_reaped(seen, child)


def never_reaped(seen: Seen, child: History) -> Mistake:
    """Return the mistake of a zombie that was there until its parent ended."""
    was = seen.zombie(child)
    return seen.mistake(
        "never-reaped",
        tr(
            "your child {pid} was a zombie for {was:.1f} s, until its parent {ppid} ended: no wait has returned it "
            "before",
            pid=child.pid,
            was=was,
            ppid=child.ppid,
        ),
        advice=tr("the zombie vanished because its parent ended: call os.wait() in the parent, then live on for 0.3 s"),
        compared=(tr("gone while its parent lives"), tr("gone with its parent")),
    )


def lives_on(seen: Seen, parent: History, child: History) -> None:
    """See the parent stay after the zombie was gone; to wait for the CPU until it can end is not to stay."""
    seen.ends_well(parent)
    gone, end = child.gone or 0.0, seen.ended_at(parent)
    lived, life = end - gone, [Span(gone, end, 0)]
    rested = lived - seen.waited(parent, life)
    if not seen.at_most(rested, LONGEST):
        raise lives_too_long(seen, parent, lived)
    if min(rested, seen.in_state(parent, "SDT", life) + seen.used(parent, gone, end)) >= LIVES_ON:
        return
    seen.can_tell(LIVES_ON / 2, known=seen.unseen)
    if lived >= LIVES_ON:  # it may have worked, if slowly
        seen.served(within=seen.unseen, since=gone)
    raise ends_too_soon(seen, parent, child, lived)


def ends_too_soon(seen: Seen, parent: History, child: History, lived: float) -> Mistake:
    """Return the mistake of a parent that ends right after it has waited."""
    return seen.mistake(
        "ends-too-soon",
        tr(
            "your child {child} was waited for, and its parent {parent} ended {lived:.2f} s later",
            child=child.pid,
            parent=parent.pid,
            lived=lived,
        ),
        advice=tr("let the parent sleep for 0.3 s after wait: who looks then sees it without its zombie"),
        compared=(tr("0.3 s more"), hundredths(lived)),
    )


def ends_with_it(seen: Seen, parent: History, child: History) -> Mistake:
    """Return the mistake of a parent that ends when its zombie is gone; it may have waited for another child."""
    return seen.mistake(
        "ends-too-soon",
        tr(
            "your child {child} was gone in the moment in which its parent {parent} ended",
            child=child.pid,
            parent=parent.pid,
        ),
        advice=tr("let the parent wait for it, and then sleep for 0.3 s: who looks then sees it without its zombie"),
        compared=(tr("0.3 s more"), hundredths(0.0)),
    )


def lives_too_long(seen: Seen, parent: History, lived: float) -> Mistake:
    """Return the mistake of a parent that stays for much longer than it is to."""
    return seen.mistake(
        "ends-too-late",
        tr("the parent {pid} lived on for {lived:.1f} s after its zombie was gone", pid=parent.pid, lived=lived),
        advice=tr("0.3 s are asked for: time.sleep(0.3)"),
        compared=(tr("0.3 s more"), tenths(lived)),
    )


def has_values(seen: Seen, values: Values) -> None:
    """Compare the zombie with what was asked for in this seat; a child that was not let to end became one later."""
    child = zombie(seen)
    seconds, code = float(values["seconds"]), values["code"]
    was, status = seen.zombie(child), child.exit.code if child.exit else None
    if status == code and seen.is_asked(abs(was - seconds), abs(was + seen.waited(child) - seconds)):
        return
    if status is not None and status not in KEPT:
        raise wrong_status(seen, child, status, code)
    if status == code or not is_a_seats("zombie", "seconds", was, NEAR):
        raise wrong_time(seen, child, was, seconds)
    raise seen.other_values(
        tr(
            "your child {pid} was a zombie for {was:.1f} s, with status {status}", pid=child.pid, was=was, status=status
        ),
        values["number"],
        compared=(with_status(seconds, code), tenths_with_status(was, status)),
    )


def wrong_status(seen: Seen, child: History, status: int, code: object) -> Mistake:
    """Return the mistake of a status that is no seat's."""
    return seen.mistake(
        "wrong-status",
        tr("your child {pid} ended with status {status}, and not with {code}", pid=child.pid, status=status, code=code),
        advice=tr("the child's only line is os._exit({code}), with a number, not a text", code=code),
        compared=(code, status),
    )


def wrong_time(seen: Seen, child: History, was: float, seconds: float) -> Mistake:
    """Return the mistake of a zombie that lasts for a time that is no seat's."""
    return seen.mistake(
        "wrong-time",
        tr(
            "your child {pid} was a zombie for {was:.1f} s, and not for {seconds} s",
            pid=child.pid,
            was=was,
            seconds=seconds,
        ),
        advice=tr("the parent sleeps for {seconds} s between the fork and wait", seconds=seconds),
        compared=(exactly(seconds), tenths(was)),
    )
