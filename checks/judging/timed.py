"""How long something lasted, in a trace whose times are known to a sample, on a machine that may have been busy.

Times in a trace are dated to a sample, and a busy machine serves a program late. So no time is compared without its
tolerance: `unseen` for what lasted at least so long, `slack` for what lasted at most so long, or about so long.
"""

from collections.abc import Sequence
from typing import Any

from checks.judging.returned import Moment
from checks.judging.spans import covered
from checks.judging.traced import Traced
from checks.judging.verdict import CouldNotRunError
from lab.language import tr
from lab.trace import History, Span

SCHEDULING = 0.1  # seconds that a program may take for what it does between two sleeps
SURE = 0.35  # seconds to which times must be known where a verdict hangs on them
SLIPPED = 0.2  # seconds of what was to last that samples may have missed at most, for it to be taken as seen
NEAR = 0.2  # seconds by which a time may be off and be the one asked for: another seat's is off by 0.3 at least
WAITED = 0.02  # seconds; less is no waiting for the CPU, but the time between two samples
AWAKE = 0.1  # of the time: whoever computes for no more, and sleeps, only wakes up now and then
COMPUTED = 0.15  # seconds of CPU that no start of an interpreter takes
AT_WORK = 0.05  # seconds of CPU that nobody takes who is about to wait
MOMENT = 0.05  # of the time: `yes` sleeps for a moment if it writes into a pipe


class Timed(Traced):
    """A trace, and the times in it."""

    @property
    def unseen(self) -> float:
        """The seconds by which a state may have lasted longer than it was seen."""
        return self.trace.longest_gap + 0.02

    @property
    def slack(self) -> float:
        """The seconds by which what was asked for may be missed, by the program, the machine and the samples."""
        return self.unseen + 2 * self.late + SCHEDULING

    def can_tell(self, seconds: float, known: float | None = None) -> None:
        """Go on only if times are known to so many seconds; else it could not be checked, and is tried again."""
        known = self.slack if known is None else known
        if known > seconds:
            raise CouldNotRunError(
                tr(
                    "the machine was too busy to tell: times are known to {known:.2f} s only, and {seconds:.2f} s "
                    "are needed; try again",
                    known=known,
                    seconds=seconds,
                )
            )

    def served(self, within: float, since: float) -> None:
        """Go on only if nobody waited for the CPU for so many seconds since then; else it could not be checked.

        For programs that only sleep and wait: what such a process does too late, it may have been let to do too late,
        or whoever had to be done first, one after the other.
        """
        life = [Span(since, self.trace.seconds, 0)]
        waited = max([self.waited_in_turn(since), *(self.waited(h, life) for h in self.trace.processes)])
        if waited >= max(within, WAITED):
            raise kept_waiting(waited)

    def about(self, seen: float, asked: float) -> bool:
        """Tell whether something lasted as long as asked for, as far as can be told."""
        return abs(seen - asked) <= self.slack

    def is_asked(self, *off: float) -> bool:
        """Tell whether a time is the one asked for, by how much each measure of it is off, where programs only sleep.

        If it might be that one, but another seat's as well, it could not be checked.
        """
        least = min(off)
        if least > self.slack:
            self.served(within=least - self.slack, since=0.0)
        return self.is_near(least)

    def is_near(self, off: float) -> bool:
        """Tell whether a time that is off by so much is the one asked for.

        If it might be, but another seat's as well, it could not be checked.
        """
        if NEAR < off <= self.slack:
            self.can_tell(NEAR)
        return off <= self.slack

    def at_most(self, seen: float, limit: float, sure: float = SURE) -> bool:
        """Tell whether something lasted no longer than it may; if that is not clear, it could not be checked."""
        if limit < seen <= limit + self.slack:
            self.can_tell(sure)
        return seen <= limit + self.slack

    def is_rest(self, slept: float, limit: float) -> bool:
        """Tell whether a process that need not sleep at all slept for longer: no busy machine makes it.

        Where it slept for longer by less than may be unseen, and that is much, it could not be checked.
        """
        is_longer = slept > limit + self.unseen
        if slept > limit:
            self.can_tell(limit if is_longer else limit / 2, known=self.unseen)
        return is_longer

    def is_over(self, since: float, seen: float, limit: float, sure: float) -> bool:
        """Tell whether what began at a moment lasted longer than it may, by no fault of the machine."""
        if self.at_most(seen, limit, sure):
            return False
        self.served(within=seen - limit - self.slack, since=since)
        return True

    def lasted(self, seen: float, limit: float) -> bool:
        """Tell whether something was seen for long enough; not by what most of it may have been, and was not seen."""
        if self.enough(limit) <= seen < limit - min(SLIPPED, limit / 4):
            self.can_tell(SLIPPED / 2, known=self.unseen)
        return seen >= self.enough(limit)

    def enough(self, limit: float) -> float:
        """Return for how long something that lasts for so long must have been seen: most may be missed, not all."""
        return max(limit - self.unseen, limit / 2)

    def ended_at(self, history: History) -> float:
        """Return when a process ended, reaped or not; the end of the trace if it did not."""
        dead = [span.start for span in history.states if span.value in "ZX"]
        return min([*dead, self.trace.seconds if history.gone is None else history.gone])

    def going(self, child: History) -> tuple[float, float]:
        """Return the moments between which a process ended and was gone, as far as that was seen."""
        return self.ended_at(child) - self.unseen, (child.gone or self.trace.seconds) + self.unseen

    def is_reaped(self, child: History) -> bool | None:
        """Tell whether a wait of its parent returned a child: when it went, the parent's `reaped` grew, and by its own.

        None if it cannot be told: it may have been another that went in the same moment; the parent, not the first
        process, went in it too, or has no row; or the child had no page faults to be added, after vfork, and was no
        zombie of a parent that lived on.
        """
        parent = self.trace.parent(child)
        if not parent:
            return None
        if child.adoptions:
            return False
        if self.zombie(child) > self.unseen and self.outlived(parent, child):
            return True
        moment = Moment.of(self.trace, parent, child)
        if moment.grown:
            told = moment.returned(child)
            return None if told is False and not self.is_counted(parent, child) else told
        has_run = any(span.value != "R" for span in child.states)  # one that is just born has had no fault yet, either
        if has_run and not child.faults:
            return True if self.zombie(child) and self.outlived(parent, child) else None
        return False if self.is_counted(parent, child) and parent.reaped else None

    def is_counted(self, parent: History, child: History) -> bool:
        """Tell whether a parent's count is known of the time when a child was gone."""
        is_dead = any(span.value == "Z" for span in parent.states)
        return parent is self.root or is_dead or parent.last_seen > (child.gone or self.trace.seconds)

    def were_all_reaped(self, children: list[History]) -> bool:
        """Tell whether waits may have returned each of some children: of those gone at once it may be fewer."""
        if any(self.is_reaped(child) is False for child in children):
            return False
        for child in children:
            parent = self.trace.parent(child)
            if parent and self.is_counted(parent, child):
                moment = Moment.of(self.trace, parent, child)
                if moment.grown and not moment.may_be_all(children):
                    return False
        return True

    def lived(self, history: History) -> float:
        """Return the seconds from a process's beginning to its end, without those as a zombie."""
        return self.ended_at(history) - history.first_seen

    def at_work(self, history: History) -> float:
        """Return the seconds that a process lived, without those for which it waited for the CPU."""
        return self.lived(history) - self.waited(history)

    def waited(self, history: History, within: Sequence[Span[Any]] | None = None) -> float:
        """Return the seconds that a process could have run, and was not let to, at least."""
        return max(0.0, self.in_state(history, "R", within) - history.cpu)

    def waited_in_turn(self, since: float) -> float:
        """Return the seconds since then in which somebody could have run, and nobody was let to, at least.

        Who was seen to be ready for no longer than a sample was not kept waiting.
        """
        ready = [(h, span) for h in self.trace.processes for span in h.states if span.value == "R"]
        long = [(h, s) for h, s in ready if s.start >= since and s.seconds > self.unseen]
        return covered([span for _, span in long]) - sum({id(h): h.cpu for h, _ in long}.values())

    def took(self, history: History, asked: float) -> bool:
        """Tell whether a process lived for about so long, or slept for it: to start and to end may take time."""
        return self.about(self.lived(history), asked) or self.about(self.in_state(history, "S"), asked)

    def zombie(self, history: History) -> float:
        """Return the seconds that a process was a zombie of its own parent, not of whoever adopted it."""
        return self.in_state(history, "Z", history.parents[:1] if history.ppid in self.pids else ())

    def kept(self, child: History) -> float:
        """Return the seconds that a process was a zombie, without those for which its parent waited for the CPU.

        A parent that computed meanwhile was not about to wait for it.
        """
        parent = self.trace.parent(child)
        spans = [span for span in child.states if span.value == "Z"]
        was = self.zombie(child)
        if not parent or sum(self.used(parent, span.start, span.end) for span in spans) > AT_WORK:
            return was
        return was - self.waited(parent, spans)

    def in_state(self, history: History, letters: str, within: Sequence[Span[Any]] | None = None) -> float:
        """Return the seconds that a process was in any of these states, in all; or those within the given spans."""
        spans = [span for span in history.states if span.value in letters]
        if within is None:
            return sum(span.seconds for span in spans)
        return sum(max(0.0, min(s.end, w.end) - max(s.start, w.start)) for s in spans for w in within)

    def is_steadily(self, history: History, letters: str) -> bool:
        """Tell whether a process was in these states all the time that it was looked at, but for a moment."""
        self.can_tell(self.trace.seconds / 3, known=self.unseen)
        is_in = letters + "RD" if letters == "S" and self.dozes(history) else letters
        return self.in_state(history, is_in) >= (1 - MOMENT) * self.trace.seconds - self.unseen

    def dozes(self, history: History) -> bool:
        """Tell whether a process sleeps, and wakes for moments only: samples may see more of these than there are."""
        used = history.cpu - (history.used[0].value if history.used else 0.0)
        return used <= AWAKE * self.trace.seconds and self.in_state(history, "S") > AWAKE * self.trace.seconds

    def shares(self, history: History) -> str:
        """Return the states that a process was in, and for how many of the seconds, the longest first."""
        letters = {span.value for span in history.states}
        seconds = sorted(((self.in_state(history, letter), letter) for letter in letters), reverse=True)
        return (
            ", ".join(f"{letter} {time:.1f} s" for time, letter in seconds if time >= 0.05) or history.states[-1].value
        )

    def outlived(self, parent: History, child: History) -> bool:
        """Tell whether a process was seen alive after another was gone: later, since a sample is not taken at once."""
        dead = [span.start for span in parent.states if span.value in "ZX"]
        return child.gone is not None and parent.last_seen > child.gone and not any(end < child.gone for end in dead)

    def wrote(self, history: History, since: float, until: float) -> int:
        """Return the bytes that a process, and the children that it reaped, wrote in a time; 0 where that is hidden."""
        before = [span.value for span in history.written if span.start <= since]
        after = [span.value for span in history.written if span.start <= until]
        return (after[-1] if after else 0) - (before[-1] if before else 0)

    def used(self, history: History, since: float, until: float) -> float:
        """Return the seconds of CPU that a process had between two moments."""
        before = [span.value for span in history.used if span.start <= since]
        after = [span.value for span in history.used if span.start <= until]
        return (after[-1] if after else 0.0) - (before[-1] if before else 0.0)


def kept_waiting(seconds: float) -> CouldNotRunError:
    """Return why a verdict would be one on the machine."""
    return CouldNotRunError(
        tr("the machine was too busy to tell: a process waited {seconds:.2f} s for the CPU; try again", seconds=seconds)
    )


def reaps(history: History) -> list[Span[int]]:
    """Return a span for each time at which a process was seen to have reaped more; it may have before it was seen."""
    return [span for span in history.reaped[:1] if span.value] + list(history.reaped[1:])
