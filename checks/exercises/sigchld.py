"""Exercise 11: children whose ends are told by one signal, all reaped by its handler, while the parent works on."""

import re
import signal
from pathlib import Path

from checks.judging import ticks
from checks.judging.drawn import is_a_seats
from checks.judging.pair import complaint, crashed
from checks.judging.result import Check, Mistake, Result, results
from checks.judging.seat import Evidence, Running, Seat
from checks.judging.seen import CHOSEN, NEAR, SURE, Seen, kept_waiting, numbers
from lab import proc
from lab.language import tr, tr_as, tr_count
from lab.student.seed import Values
from lab.trace import History, Span
from lab.trace.timeline import exited, printable

BLOCKED = 0.3  # seconds for which the signal is blocked when the last child has started
HELD = 0.1  # seconds of them for which the children are zombies together, at least
ZOMBIE = 0.5  # seconds for which a child may be one
RARELY = 0.16  # seconds of sleep a line, of a parent that prints one each 0.1 s
LINE = re.compile(r"pid[ \t]*=[ \t]*(\d{1,9})[ \t,]+status[ \t]*=[ \t]*(-?\d{1,9})")


def observe(seat: Seat, values: Values) -> Evidence:
    """Run the program on a terminal, and note when it prints, and what it does with SIGCHLD."""
    known: list[list[float | str]] = []
    blocked = set()

    def look(running: Running) -> None:
        if not (masks := masks_of(running.pid)):
            return
        what = "ignored" if has(masks, "SigIgn") else "caught" if has(masks, "SigCgt") else "default"
        if not known or known[-1][1] != what:
            known.append([running.moment(), what])
        blocked.add(has(masks, "SigBlk"))

    return ticks.run(seat, "sigchld", look) | {"sigchld": known, "blocked": True in blocked}


def masks_of(pid: int | None) -> dict[str, str]:
    """Return the sets of signals in /proc/PID/status, such as SigBlk; none of one that is not there."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(errors="replace")
    except OSError:
        return {}
    return dict(re.findall(r"^(Sig\w+):\s*([0-9a-f]+)$", status, re.MULTILINE))


def has(masks: dict[str, str], name: str) -> bool:
    """Tell whether SIGCHLD is in a set of signals."""
    return bool(int(masks.get(name, "0"), 16) >> (signal.SIGCHLD - 1) & 1)


def judge(evidence: Evidence, values: Values) -> list[Result]:
    """Say what became of the children, and of the parent's work."""
    seen = Seen.of(evidence)
    return results(
        Check("ran", tr("the program runs to its end"), seen.ran),
        Check("handler", tr("SIGCHLD has a handler"), lambda: has_handler(seen, evidence), after="ran"),
        Check(
            "together",
            tr("several children have ended when the signal comes"),
            lambda: together(seen, evidence),
            after="handler",
        ),
        Check("ends", tr_as("all", "each child ends by itself"), lambda: end_by_themselves(seen), after="together"),
        Check(
            "reaped", tr("none is a zombie for over {zombie} s", zombie=ZOMBIE), lambda: are_reaped(seen), after="ends"
        ),
        Check("printed", tr("the statuses printed are the kernel's"), lambda: is_printed(seen), after="reaped"),
        Check("works", tr("the parent works on"), lambda: works(seen, evidence), after="reaped"),
        Check(
            "values",
            tr("{count} children, statuses {codes}, {work} s of work", **values),
            lambda: has_values(seen, values),
            after="reaped",
        ),
    )


def held(seen: Seen, evidence: Evidence) -> str:
    """Return what was done with SIGCHLD when there were children: before that it may be another program's doing."""
    known, first = evidence["sigchld"], min((child.first_seen for child in seen.children), default=0.0)
    ends = [moment for moment, _ in known[1:]] + [seen.trace.seconds]
    lasted = [(end - max(moment, first), str(what)) for (moment, what), end in zip(known, ends, strict=True)]
    is_caught = any(what == "caught" and seconds > HELD for seconds, what in lasted)  # whoever ends may let it go
    return "caught" if is_caught else max(lasted, default=(0.0, ""))[1]


def has_handler(seen: Seen, evidence: Evidence) -> None:
    """See SIGCHLD caught, and not ignored."""
    what = held(seen, evidence)
    if what == "caught":
        return
    if what == "ignored":
        raise ignored(seen)
    seen.can_tell(SURE)
    raise no_handler(seen)


def no_handler(seen: Seen) -> Mistake:
    """Return the mistake of a parent to which SIGCHLD does nothing."""
    return seen.mistake(
        "no-handler",
        tr("process {pid} has no handler for SIGCHLD (SigCgt in /proc)", pid=seen.root.pid),
        advice=tr("signal.signal(signal.SIGCHLD, reap), before the children are started"),
        compared=(tr("a handler"), tr("the default")),
    )


def ignored_its(seen: Seen, children: list[History]) -> bool:
    """Tell whether the parent ignored SIGCHLD when its first child was there; none may be seen of those so reaped."""
    first = min((child.first_seen for child in children), default=0.0)
    return any(proc.has_signal(span.value, signal.SIGCHLD) and span.end > first for span in seen.root.ignored)


def ignored(seen: Seen) -> Mistake:
    """Return the mistake of a parent whose children leave nothing behind."""
    return seen.mistake(
        "ignored",
        tr("process {pid} ignored SIGCHLD (SigIgn in /proc): the kernel throws the statuses away", pid=seen.root.pid),
        advice=tr("with SIG_IGN there is nothing to reap, and no status to be had: set a handler that calls waitpid"),
        compared=(tr("a handler"), "SIG_IGN"),
    )


def zombies(seen: Seen) -> list[History]:
    """Return the children that were zombies together, before any was reaped: one may be kept waiting for it later."""
    waiting = [child for child in seen.children if stayed_for(seen, child) > HELD]
    reaped = min((child.gone or seen.trace.seconds for child in waiting), default=0.0)
    found = [child for child in waiting if seen.ended_at(child) < reaped]
    others = [child for child in seen.children if child not in found and is_beside(seen, child, found)]
    if len(found) > 1 and not others:
        return found
    if elsewhere := [process for process in seen.others if seen.zombie(process) > HELD and process not in waiting]:
        raise forked_elsewhere(seen, elsewhere[0])
    seen.can_tell(0.3)
    if ignored_its(seen, seen.children):
        raise ignored(seen)
    if not seen.children or (len(seen.children) == 1 and is_held(seen)):
        raise wrong_count(seen, seen.children)
    raise not_together(seen, found)


def stayed_for(seen: Seen, child: History) -> float:
    """Return for how long a child was a zombie, or would have been if it had not waited for the CPU before its end."""
    was = seen.zombie(child)
    if not was or child.command != seen.root.command:  # a wrapper's own are reaped at once
        return was
    return was + seen.waited(child, [Span(child.first_seen, seen.ended_at(child), 0)])


def is_beside(seen: Seen, child: History, found: list[History]) -> bool:
    """Tell whether a child was there between the birth of the first that were held, and the moment of the last's."""
    return bool(found) and any(
        child.first_seen <= other.first_seen + seen.unseen and other.first_seen <= seen.ended_at(child) + seen.unseen
        for other in found
    )


def forked_elsewhere(seen: Seen, process: History) -> Mistake:
    """Return the mistake of a process whose parent is not the first: it is a child's that goes on, or a script's."""
    parent = seen.trace.parent(process)
    if not parent or parent.command != seen.root.command:
        return seen.not_first(process)
    return seen.mistake(
        "child-goes-on",
        tr("your child {parent} forked as well: {process} is its child", parent=parent.pid, process=process.pid),
        advice=tr("a child that does not end goes on in the loop: os._exit(code) is its only line"),
        compared=(tr("it ends at once"), tr("it forks")),
    )


def together(seen: Seen, evidence: Evidence) -> None:
    """See several zombies, and not by chance: a signal that comes right before a sleep waits for its end too."""
    zombies(seen)
    if not evidence["blocked"]:
        raise never_blocked(seen)
    if not is_held(seen):
        raise too_soon(seen)
    after = since_the_last(seen)
    waited = seen.waited(seen.root, [after])
    if after.seconds - waited < seen.enough(BLOCKED):  # it may have slept for less, and was let to go on that late
        raise kept_waiting(waited)


def blocks(seen: Seen) -> list[Span[int]]:
    """Return when the parent was seen to block SIGCHLD."""
    return [span for span in seen.root.blocked if proc.has_signal(span.value, signal.SIGCHLD)]


def since_the_last(seen: Seen) -> Span[int]:
    """Return the time from the birth of the last child until SIGCHLD was unblocked."""
    born = max((child.first_seen for child in seen.children), default=0.0)
    return Span(born, max((span.end for span in blocks(seen)), default=born), 0)


def is_held(seen: Seen) -> bool:
    """Tell whether SIGCHLD was blocked until 0.3 s after the birth of the last child."""
    return since_the_last(seen).seconds >= seen.enough(BLOCKED)


def too_soon(seen: Seen) -> Mistake:
    """Return the mistake of a parent that does not wait for 0.3 s before it unblocks SIGCHLD."""
    after = max(0.0, since_the_last(seen).seconds)
    return one_by_one(
        seen,
        tr("SIGCHLD was unblocked {after:.2f} s after the last child was started", after=after),
        tr("all are started while it is blocked, and it is unblocked in the parent, 0.3 s after the last fork"),
    )


def never_blocked(seen: Seen) -> Mistake:
    """Return the mistake of a parent that has a signal come for each child, or as it happens."""
    return one_by_one(
        seen,
        tr(
            "process {pid} did not block SIGCHLD, or for a moment only (SigBlk in /proc): who has ended when it "
            "comes is chance",
            pid=seen.root.pid,
        ),
        tr("block SIGCHLD before the first fork, and unblock it 0.3 s after the last: signal.pthread_sigmask"),
    )


def not_together(seen: Seen, found: list[History]) -> Mistake:
    """Return the mistake of children that are reaped one by one, with its cause."""
    were_served(seen)
    if not (blocked := blocks(seen)):
        return never_blocked(seen)
    stayed = max(seen.children, key=lambda child: seen.in_state(child, "S"))
    if seen.in_state(stayed, "S") > HELD:
        return stays(seen, stayed)
    if not is_held(seen):
        return too_soon(seen)
    is_late = blocked[0].start > min(child.first_seen for child in seen.children) + seen.unseen
    return one_by_one(
        seen,
        tr_count(
            len(found),
            "{n} child was a zombie together with others for {held} s",
            "{n} children were zombies together with others for {held} s",
            held=HELD,
        )
        + tr(": SIGCHLD was blocked after the first was there") * is_late,
        tr("block SIGCHLD before the first fork")
        if is_late
        else tr("start them all, one right after the other, and let nobody but the handler wait for them"),
    )


def stays(seen: Seen, child: History) -> Mistake:
    """Return the mistake of a child that does not end at once."""
    lived = seen.lived(child)
    return seen.mistake(
        "child-stays",
        tr("your child {pid} lived for {lived:.1f} s", pid=child.pid, lived=lived),
        advice=tr("the children end at once: os._exit(code)"),
        compared=(tr("at once"), tr("after {lived:.1f} s", lived=lived)),
    )


def one_by_one(seen: Seen, rationale: str, advice: str) -> Mistake:
    """Return the mistake of children that are not all told by one signal."""
    return seen.mistake("not-together", rationale, advice=advice, compared=(tr("all at once"), tr("one by one")))


def end_by_themselves(seen: Seen) -> None:
    """See no child ended by a signal, or by an error."""
    words = complaint(seen)
    for child in zombies(seen):
        if child.exit and child.exit.signal is not None:
            raise killed(seen, child, exited(child.exit))
        if words and child.exit and child.exit.code and child.exit.code not in CHOSEN:
            raise crashed(
                seen,
                tr(
                    "an error has ended your child {pid} ({how}){words}",
                    pid=child.pid,
                    how=exited(child.exit),
                    words=words,
                ),
            )


def killed(seen: Seen, child: History, how: str) -> Mistake:
    """Return the mistake of a child that a signal has ended: then no exit status is kept."""
    return seen.mistake(
        "child-killed",
        tr("your child {pid} did not end by itself: {how}, so there is no exit status", pid=child.pid, how=how),
        advice=tr("let each child end itself: os._exit(code)"),
        compared=(tr("an exit status"), how),
    )


def are_reaped(seen: Seen) -> None:
    """See all of them gone soon after the signal, while their parent lives."""
    found = zombies(seen)
    reaped = [child for child in found if is_soon_gone(seen, child)]
    if len(reaped) == len(found):
        return
    left = [child for child in found if child not in reaped]
    was = max(map(seen.zombie, left))
    if reaped and not any(seen.outlived(seen.root, child) for child in left):
        raise one_a_signal(seen, found, reaped, left, was)
    seen.can_tell(0.3)  # in a longer gap the one that was reaped might have been missed
    raise never_reaped(seen, found, reaped, left, was)


def one_a_signal(seen: Seen, found: list[History], reaped: list[History], left: list[History], was: float) -> Mistake:
    """Return the mistake of a handler that reaps one child, and is called for several."""
    return seen.mistake(
        "one-a-signal",
        tr(
            "the handler reaped {reaped_count} of {found_count} children; {left} stayed zombies, for {was:.1f} s",
            reaped_count=len(reaped),
            found_count=len(found),
            left=numbers([c.pid for c in left]),
            was=was,
        ),
        advice=tr("one signal may stand for many ended children: call waitpid in a loop until none is left"),
        compared=(tr_as("wanted", "{count} reaped", count=len(found)), tr("{count} reaped", count=len(reaped))),
    )


def never_reaped(seen: Seen, found: list[History], reaped: list[History], left: list[History], was: float) -> Mistake:
    """Return the mistake of children that were not reaped in time."""
    return seen.mistake(
        "never-reaped",
        tr(
            "{left_count} of {found_count} children stayed zombies, for {was:.1f} s: they were not reaped in time",
            left_count=len(left),
            found_count=len(found),
            was=was,
        ),
        advice=why_not_reaped(seen, was),
        compared=(tr("all reaped"), tr("{count} in time", count=len(reaped))),
    )


def why_not_reaped(seen: Seen, was: float) -> str:
    """Return what to do where zombies stayed: who was slow to start them, to unblock the signal, or to reap."""
    births = [child.first_seen for child in seen.children]
    spread, blocked = max(births) - min(births), since_the_last(seen).seconds
    if spread > ZOMBIE / 2:
        return tr(
            "the last was started {spread:.1f} s after the first: fork them one right after the other", spread=spread
        )
    if blocked > was - HELD:
        return tr("SIGCHLD was blocked for {blocked:.1f} s: unblock it 0.3 s after the last fork", blocked=blocked)
    return tr(
        "the handler is set before the signal is unblocked, and calls waitpid at once, again and again, with no pause"
    )


def were_served(seen: Seen) -> None:
    """Go on only if all could run: a child that waits for the CPU until the signal comes is no zombie before it."""
    seen.served(within=2 * HELD, since=min((child.first_seen for child in seen.children), default=0.0))


def is_soon_gone(seen: Seen, child: History) -> bool:
    """Tell whether a child was reaped in time."""
    return seen.outlived(seen.root, child) and seen.at_most(seen.kept(child), ZOMBIE)


def kept(seen: Seen) -> dict[int, int]:
    """Return the exit status that the kernel has kept of each child, by its pid."""
    return {child.pid: child.exit.code for child in zombies(seen) if child.exit and child.exit.code is not None}


def is_printed(seen: Seen) -> None:
    """Compare the statuses printed with the kernel's."""
    said = {int(pid): int(status) for line in seen.said for pid, status in LINE.findall(line)}
    for pid, status in kept(seen).items():
        if said.get(pid) != status and (pid in said or not is_on_a_line(seen, pid, status)):
            raw = {pid: status << 8} if is_on_a_line(seen, pid, status << 8) else {}
            raise not_printed(seen, pid, status, said | raw)
        alike = [line for line in seen.said if has_both(line, pid, status)]
        if alike and not any(is_of_one(seen, line) for line in alike):
            raise on_one_line(seen, pid, alike[0])
        if len(alike) > len(set(alike)):
            raise printed_twice(seen, pid, max(alike, key=alike.count), len(alike))


def is_of_one(seen: Seen, line: str) -> bool:
    """Tell whether a line is about one child alone."""
    return sum(has_both(line, pid, status) for pid, status in kept(seen).items()) == 1


def on_one_line(seen: Seen, pid: int, line: str) -> Mistake:
    """Return the mistake of a child that has no line of its own."""
    return seen.mistake(
        "one-line",
        tr(
            "your child {pid} has no line of its own: it is on one with others: {line}",
            pid=pid,
            line=printable(line[:60]),
        ),
        advice=tr("end the line of each child: print does so by itself"),
        compared=(tr("a line for each child"), printable(line[:60])),
    )


def printed_twice(seen: Seen, pid: int, line: str, times: int) -> Mistake:
    """Return the mistake of a child that is told of more than once."""
    return seen.mistake(
        "printed-twice",
        tr("the line of your child {pid} came {times} times: {line}", pid=pid, times=times, line=printable(line[:60])),
        advice=tr("one line for each child that waitpid returns"),
        compared=(tr("one line"), times),
    )


def is_on_a_line(seen: Seen, pid: int, status: int) -> bool:
    """Tell whether a line has both numbers, in whatever words."""
    return any(has_both(line, pid, status) for line in seen.said)


def has_both(line: str, pid: int, status: int) -> bool:
    """Tell whether a line has both numbers."""
    return {pid, status} <= set(map(int, re.findall(r"\d{1,9}", line)))


def not_printed(seen: Seen, pid: int, status: int, said: dict[int, int]) -> Mistake:
    """Return the mistake of a status that was printed otherwise than the kernel has kept it."""
    ended = tr("your child {pid} ended with status {status}", pid=pid, status=status)
    if pid not in said:
        return told_nowhere(seen, pid, status, ended)
    printed = ended + tr(", and {said} was printed", said=said[pid])
    if said[pid] == status << 8:
        return raw_status(seen, pid, status, said, printed)
    return seen.mistake(
        "wrong-status",
        printed,
        advice=tr("print what waitpid returned for this pid, through os.waitstatus_to_exitcode"),
        compared=(status, said[pid]),
    )


def told_nowhere(seen: Seen, pid: int, status: int, ended: str) -> Mistake:
    """Return the mistake of a status that is on no line with its pid."""
    return seen.mistake(
        "not-printed",
        ended + tr(", and no line has both {pid} and {status}", pid=pid, status=status),
        advice=tr("the handler prints a line for each child that waitpid returned to it"),
        compared=(f"pid={pid} status={status}", " | ".join(line for line in seen.said if str(pid) in line)[:60]),
    )


def raw_status(seen: Seen, pid: int, status: int, said: dict[int, int], printed: str) -> Mistake:
    """Return the mistake of a status that was not taken out of the word that waitpid returns."""
    return seen.mistake(
        "raw-status",
        printed + tr(": the whole word"),
        advice=tr("the status is its second byte; os.waitstatus_to_exitcode takes it out"),
        compared=(status, said[pid]),
    )


def signalled(seen: Seen) -> float:
    """Return when the last of the children was gone: from then on the parent works."""
    return max(child.gone or seen.trace.seconds for child in zombies(seen))


def works(seen: Seen, evidence: Evidence) -> None:
    """See a line come every 0.1 s from then on to the program's end."""
    start, end = signalled(seen), seen.ended_at(seen.root)
    ticks.are_not_too_many(seen, evidence, start, end)
    if ticks.works_on(seen, evidence, start, end):
        if not ticks.are_its_own(seen, evidence, start, end):
            raise ticks.not_its_own(seen, evidence, start, end)
        are_often(seen, evidence, start, end)
        return ticks.keeps_pace(seen, evidence, start, end)
    ticks.are_read(seen, evidence, start, end, 2 * seen.late)
    silent = ticks.silence(seen, evidence, start, end)
    raise is_silent(seen, silent)


def is_silent(seen: Seen, silent: float) -> Mistake:
    """Return the mistake of a parent that stops its work."""
    return seen.mistake(
        "silent",
        tr(
            "the parent {pid} printed no whole line for {silent:.1f} s after its children were reaped",
            pid=seen.root.pid,
            silent=silent,
        ),
        advice=tr("its own work goes on: a line, time.sleep(0.1), and again; no wait, no pause"),
        compared=(tr("a line every 0.1 s"), tr("none for {silent:.1f} s", silent=silent)),
    )


def are_often(seen: Seen, evidence: Evidence, start: float, end: float) -> None:
    """See that the parent slept for 0.1 s from line to line, on average, whenever it was let to print them."""
    noted = [tick for tick in evidence["ticks"] if start < tick[0] < end and tick[2]]  # 0 sleeps: of one that is gone
    times = noted[-1][2] - noted[0][2] if noted else 0
    if times < ticks.OFTEN:
        return
    each = seen.in_state(seen.root, "S", [Span(noted[0][0], noted[-1][0], 0)]) / times
    if each <= RARELY:
        return
    seen.can_tell(SURE)
    raise too_rarely(seen, each)


def too_rarely(seen: Seen, each: float) -> Mistake:
    """Return the mistake of a parent that sleeps for too long from line to line."""
    return seen.mistake(
        "too-rarely",
        tr("the parent {pid} slept for {each:.2f} s from line to line", pid=seen.root.pid, each=each),
        advice=tr("a line, then time.sleep(0.1), and again"),
        compared=(tr("a line every 0.1 s"), tr("every {each:.2f} s", each=each)),
    )


def has_values(seen: Seen, values: Values) -> None:
    """Compare the statuses, and the time that the parent worked on, with those of this seat."""
    codes, work = sorted(kept(seen).values()), float(values["work"])
    asked = sorted(int(code) for code in str(values["codes"]).split(", "))
    start, end = signalled(seen), seen.ended_at(seen.root)
    worked, waited = end - start, seen.waited(seen.root, [Span(start, end, 0)])
    might_be = (work, work + ticks.EVERY, work + waited, work + ticks.EVERY + waited)  # one line more, or not
    if codes == asked and seen.is_asked(*(abs(worked - time) for time in might_be)):
        return
    if len(codes) < len(asked):
        were_served(seen)
        none_was_reaped_before(seen, zombies(seen))
    if len(codes) != len(asked) and (set(codes) & set(asked) or not is_a_seats("sigchld", "count", len(codes), 0)):
        raise wrong_count(seen, zombies(seen), len(asked))
    if odd := [code for code in codes if code not in CHOSEN]:
        raise wrong_status(seen, odd[0], asked)
    is_its_time = any(seen.about(worked, time) for time in might_be)
    if not is_its_time and not is_a_seats("sigchld", "work", worked, NEAR):
        raise wrong_work(seen, worked, work)
    raise seen.other_values(
        tr(
            "the children ended with {codes}, and the parent worked on for {worked:.1f} s",
            codes=numbers(codes),
            worked=worked,
        ),
        values["number"],
        compared=(
            tr("{asked}; {work} s", asked=numbers(asked), work=work),
            tr("{codes}; {worked:.1f} s", codes=numbers(codes), worked=worked),
        ),
    )


def none_was_reaped_before(seen: Seen, found: list[History]) -> None:
    """See that no wait had returned a child before the signal for these came."""
    signal_came = min(child.gone or seen.trace.seconds for child in found)
    if all(span.start > signal_came - seen.unseen for span in seen.root.reaped[1:]):
        return
    raise one_by_one(
        seen,
        tr_count(
            len(found),
            "only {n} child was left when the signal was unblocked: others had been reaped before",
            "only {n} children were left when the signal was unblocked: others had been reaped before",
        ),
        tr("block SIGCHLD before the first fork, not after"),
    )


def wrong_count(seen: Seen, children: list[History], asked: int | None = None) -> Mistake:
    """Return the mistake of a parent with more children than it is to have, or fewer."""
    pids = numbers([child.pid for child in children])
    return seen.mistake(
        "wrong-count",
        tr(
            "the number of children of the parent {pid} is {count}: {pids}",
            pid=seen.root.pid,
            count=len(children),
            pids=pids,
        )
        if children
        else tr("no child of the parent {pid} was seen", pid=seen.root.pid),
        advice=tr("one child for each of the statuses that are asked for"),
        compared=(asked or tr("several"), len(children)),
    )


def wrong_status(seen: Seen, code: int, asked: list[int]) -> Mistake:
    """Return the mistake of a child whose exit status is no seat's."""
    child = next(child for child in zombies(seen) if child.exit and child.exit.code == code)
    return seen.mistake(
        "child-status",
        tr(
            "your child {pid} ended with status {code}, which is none of {asked}",
            pid=child.pid,
            code=code,
            asked=numbers(asked),
        ),
        advice=tr("each child ends with its own of these: os._exit(code), with a number"),
        compared=(numbers(asked), code),
    )


def wrong_work(seen: Seen, worked: float, work: float) -> Mistake:
    """Return the mistake of a parent that works on for a time that is no seat's."""
    return seen.mistake(
        "wrong-work",
        tr(
            "the parent {pid} worked on for {worked:.1f} s, and not for {work} s",
            pid=seen.root.pid,
            worked=worked,
            work=work,
        ),
        advice=tr("{work} s of ticks after the children are reaped, then the end", work=work),
        compared=(tr("{work} s", work=work), tr("{worked:.1f} s", worked=worked)),
    )
