"""A program that forks once: its two processes, of which the child stays for a while, ends, and is waited for."""

import re
from collections.abc import Iterable

from checks.judging.heard import Line
from checks.judging.result import Mistake
from checks.judging.seen import STAYS, Seen
from checks.judging.told import FAILURES
from checks.judging.traced import ESCAPE
from checks.judging.wording import hundredths, numbers
from lab.language import tr
from lab.trace import Exit, History
from lab.trace.timeline import exited, printable

LONGEST = 0.6  # seconds for which a child may stay where 0.3 are asked for
TRACEBACK = re.compile(r"Traceback \(most recent call last\):([\s\S]{0,4000}?)\n(\w[\w.]*(?:Error|Exception)\b.*)")
COMPLAINT = re.compile(r"^(.* at \S+ line \d+\.|.*: (?:command )?not found)$", re.MULTILINE)  # of perl, and of a shell


def forked_once(seen: Seen, speakers: Iterable[int]) -> None:
    """See a second process that stays, and no third: of those that were forked, and not executed, or have spoken."""
    words = next(filter(None, (complaint_of(seen, other) for other in seen.others)), "")
    if not seen.others and seen.trace.missed:  # it was gone before anybody could see it
        words = complaint(seen)
    if words and not any(seen.at_work(other) > seen.enough(STAYS) for other in seen.others):
        raise crashed(seen, tr("no child stayed: an error has ended it{words}", words=words))
    seen.has_another()
    copies = most_copies(seen, set(speakers))
    if len(copies) > 2:
        raise seen.mistake(
            "forks-twice",
            tr("one process became {count}, and not two: {copies}", count=len(copies), copies=numbers(copies)),
            advice=tr(
                "call fork once, and keep what it returns: after it both processes go on, to a second fork as well"
            ),
            compared=(2, len(copies)),
        )


def most_copies(seen: Seen, speakers: set[int]) -> list[int]:
    """Return the pids of the most processes that came of one by fork alone, and that stayed, or have spoken."""
    found: dict[int, list[int]] = {}
    for history in seen.trace.processes:
        is_first = history is origin(seen, history)
        if is_first or history.pid in speakers or not seen.is_brief(history):
            found.setdefault(origin(seen, history).pid, []).append(history.pid)
    return sorted(max(found.values(), key=lambda pids: len(list(pids))))


def origin(seen: Seen, history: History) -> History:
    """Return the process of which another is a copy, by as many forks as it may be; itself if it executed a program."""
    parent = seen.trace.parent(history)
    while parent and parent.command == history.command:
        history, parent = parent, seen.trace.parent(parent)
    return history


def stays_and_ends(seen: Seen, child: History, line: Line) -> None:
    """See a child stay for about 0.3 s after its line, and then end by itself."""
    stayed = seen.at_work(child)
    if stayed < seen.enough(STAYS):
        seen.can_tell(0.3)
        raise not_for_so_long(seen, child, stayed, tr("the child sleeps for 0.3 s before it ends"))
    rested = seen.ended_at(child) - line.moment
    if rested < seen.enough(STAYS):
        seen.can_tell(0.3)
        raise says_it_late(seen, child, max(0.0, rested))
    if not seen.at_most(longest_rest(seen, child), LONGEST):
        raise not_for_so_long(seen, child, seen.lived(child), tr("0.3 s are enough: time.sleep(0.3)"))
    ends_by_itself(seen, child)


def longest_rest(seen: Seen, child: History) -> float:
    """Return the seconds for which a child slept at most between two writes: it may have to wait to write.

    What it did before the first does not count.
    """
    since_it_spoke = [span for span in child.written if span.value]
    return max(seen.in_state(child, "S", [span]) for span in since_it_spoke or child.written or child.parents)


def says_it_late(seen: Seen, child: History, rested: float) -> Mistake:
    """Return the mistake of a child that prints when it has stayed, and not before."""
    return seen.mistake(
        "does-not-stay",
        tr("your child {pid} ended {rested:.2f} s after its line, and not 0.3 s after", pid=child.pid, rested=rested),
        advice=tr("first it prints, with flush=True, then it stays: time.sleep(0.3)"),
        compared=(tr("0.3 s"), hundredths(rested)),
    )


def not_for_so_long(seen: Seen, child: History, stayed: float, advice: str) -> Mistake:
    """Return the mistake of a child that was there for too short a time, or for too long."""
    return seen.mistake(
        "does-not-stay",
        tr("your child {pid} was there for {stayed:.2f} s, and not for 0.3 s", pid=child.pid, stayed=stayed),
        advice=advice,
        compared=(tr("0.3 s"), hundredths(stayed)),
    )


def ends_by_itself(seen: Seen, child: History) -> None:
    """See a child come to its end, by no signal and no error, as far as its status is known."""
    how, words = child.exit, complaint_of(seen, child)
    if how and how.signal is not None:
        raise killed(seen, child, how)
    if words and (how is None or how.code in FAILURES):  # else it has chosen its status, and somebody else complains
        was = exited(how) if how else tr("status unknown")
        raise crashed(
            seen, tr("an error has ended your child {pid} ({was}){words}", pid=child.pid, was=was, words=words)
        )


def killed(seen: Seen, child: History, how: Exit) -> Mistake:
    """Return the mistake of a child that a signal has ended."""
    return seen.mistake(
        "child-killed",
        tr("your child {pid} did not end by itself: {how}", pid=child.pid, how=exited(how)),
        advice=tr("no signal is to end it: let it come to its own end, os._exit"),
        compared=(tr("it ends by itself"), exited(how)),
    )


def crashed(seen: Seen, rationale: str) -> Mistake:
    """Return the mistake of a child that an error has ended."""
    return seen.mistake(
        "child-crashed",
        rationale,
        advice=tr("read the error, and mend that line of the child's"),
        compared=(tr("it ends by itself"), tr("an error")),
    )


def one_line(seen: Seen, line: str) -> Mistake:
    """Return the mistake of two that print without a line's end."""
    return seen.mistake(
        "one-line",
        tr("both have printed into one line: {line}", line=line[:60]),
        advice=tr("each line ends with a newline, as print writes it"),
        compared=(tr("two lines"), line[:60]),
    )


def wrong_status(seen: Seen, code: object, advice: str) -> Mistake:
    """Return the mistake of a parent whose exit status is no seat's."""
    pid, status = seen.root.pid, seen.status
    return seen.mistake(
        "wrong-status",
        tr("the parent {pid} ended with status {status}, and not with {code}", pid=pid, status=status, code=code),
        advice=advice,
        compared=(code, status),
    )


def complaint(seen: Seen) -> str:
    """Return what Python said of an exception that nobody has caught, with its line, or perl or a shell; or ""."""
    return found_complaint(seen)[1]


def complaint_of(seen: Seen, process: History) -> str:
    """Return that, if a process may have said it; or ""."""
    text, words = found_complaint(seen)
    return words if seen.may_have_written(process, text) else ""


def found_complaint(seen: Seen) -> tuple[str, str]:
    """Return the text of a complaint, and what is told of it; ("", "") if there is none.

    Of a traceback, the first line, the first place and the last: several may have been printed at once.
    """
    text = ESCAPE.sub("", f"{seen.trace.stderr.text}\n{seen.trace.stdout.text}").replace("\r\n", "\n")
    if found := TRACEBACK.search(text):
        lines = re.findall(r", line (\d+)", found[1])
        where = tr("line {lines}: ", lines=lines[-1]) if lines else ""
        place = min(re.findall(r"^ .*", found[1], re.MULTILINE), key=len, default="")
        return f"Traceback (most recent call last):\n{place}\n{found[2]}", tr(
            ": {error}", error=where + printable(found[2][:200])
        )
    said = COMPLAINT.search(text)
    return (said[1], tr(": {error}", error=printable(said[1][:200]))) if said else ("", "")
