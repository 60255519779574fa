"""One recording, from the start of the command to the end of the last of its family.

One loop: take a sample when it is due, and between two samples carry the command's bytes, hear its leader, and obey
the person's signals. When the time is up, or somebody lingers too long after the command, everybody is asked to end
(SIGTERM), and then made to (SIGKILL).
"""

import contextlib
import dataclasses
import gc
import os
import select
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from lab.history import Command, History, Span, Trace
from lab.job import Environment, Job
from lab.relay import Keyboard, Streams
from lab.sampler import Sampler

GRACE = 1.0  # seconds from SIGTERM to SIGKILL
DEATH = 2.0  # seconds that the killed are given to be gone
REAP = 0.5  # seconds that zombies are given to be reaped, once nobody but zombies is left


@dataclasses.dataclass(frozen=True)
class Limits:
    """How long, and how often, in seconds."""

    interval: float
    seconds: float | None  # everything ends then; None: when it ends by itself
    linger: float  # how long orphans are followed after the command has ended


class Recording:
    """A command, its streams, and the family that comes of it.

    `wakeup`, if any, is a descriptor that gives the numbers of the person's signals, a byte each; `tell` is called
    once if the command has ended and others run on, with their number.
    """

    def __init__(
        self, streams: Streams, limits: Limits, wakeup: int | None = None, tell: Callable[[int], None] | None = None
    ) -> None:
        self.streams = streams
        self.limits = limits
        self.wakeup = wakeup
        self.tell = tell
        self.keyboard = Keyboard(streams)
        self.sampler = Sampler()
        self.samples = 0
        self.last_sample = self.longest_gap = 0.0
        self.ended: float | None = None
        self.cut: str | None = None
        self.cut_at = 0.0
        self.zombies_since: float | None = None

    def run(self, command: Sequence[str], cwd: Path | None, env: Environment | None) -> Trace:
        """Record one command; raise OSError if it cannot be started."""
        self.terminal = self.streams.terminal >= 0
        try:
            self.job = Job(command, self.streams, cwd, env)
            self.began, self.start = time.time(), time.monotonic()
            self.sampler.expect(self.job.leader, self.streams.names)
            with undisturbed():
                self.keyboard.take()
                self.note_end()
                self.loop()
            return self.trace(tuple(command))
        finally:
            self.keyboard.give_back()
            self.streams.close()
            self.sampler.close()

    def now(self) -> float:
        """Return the seconds since the start, to a tenth of a millisecond."""
        return round(time.monotonic() - self.start, 4)

    def loop(self) -> None:
        """Sample, on a schedule of absolute times, until it is over; leave nothing running whatever happens."""
        due = 0.0
        try:
            while not self.is_over(self.sample()):
                self.announce()
                due = max(due + self.limits.interval, self.now())
                self.attend(due)
        except BaseException:
            self.sampler.kill(self.now())
            raise
        finally:
            self.keyboard.give_back()
            self.drain()
            self.job.close()

    def sample(self) -> float:
        """Take a sample; return its time."""
        now = self.now()
        self.sampler.sample(now)
        self.longest_gap = max(self.longest_gap, round(now - self.last_sample, 4))
        self.last_sample = now
        self.samples += 1
        return now

    def is_over(self, now: float) -> bool:
        """Tell whether there is nothing left to record, and see to it that this comes."""
        if self.ended is not None and (not self.sampler.anybody() or self.only_zombies(now)):
            return True
        if self.cut:
            return self.put_to_death(now)
        if self.limits.seconds is not None and now >= self.limits.seconds:
            self.end_early("time", now)
        elif self.ended is not None and now >= self.ended + self.limits.linger:
            self.end_early("linger", now)
        return False

    def announce(self) -> None:
        """Tell the person once why it is not over yet, though the command is."""
        if self.tell and self.ended is not None and (running := self.sampler.running()):
            self.tell(running)
            self.tell = None

    def only_zombies(self, now: float) -> bool:
        """Tell whether for a while nobody has been there but zombies: whoever should reap them never will."""
        if self.sampler.running():
            self.zombies_since = None
        elif self.zombies_since is None:
            self.zombies_since = now
        return self.zombies_since is not None and now >= self.zombies_since + REAP

    def end_early(self, why: str, now: float) -> None:
        """Ask everybody to end, once; the stopped ones cannot hear it before they are continued."""
        if self.cut:
            return
        self.cut, self.cut_at = why, now
        self.sampler.signal(signal.SIGTERM)
        self.sampler.signal(signal.SIGCONT)

    def put_to_death(self, now: float) -> bool:
        """Once the time of grace is over, kill; tell whether even that has failed."""
        if now >= self.cut_at + GRACE:
            self.sampler.kill(now)
        return now >= self.cut_at + GRACE + DEATH

    def attend(self, until: float) -> None:
        """Do what there is to do besides sampling, until the next sample is due, or the command has just ended."""
        had_ended = self.job.ended
        while self.job.ended == had_ended:
            for act in self.ready(max(0.0, until - self.now())):
                act()
            if self.now() >= until:
                return

    def ready(self, timeout: float) -> list[Callable[[], None]]:
        """Wait until there is something to do, for `timeout` seconds at most; return what to call."""
        actions = {wait: pump.step for pump in self.streams.pumps if (wait := pump.waits_for())}
        if self.job.leading:
            actions[self.job.control.fileno(), select.POLLIN] = self.hear
        if self.wakeup is not None:
            actions[self.wakeup, select.POLLIN] = self.obey
        poll = select.poll()
        for descriptor, event in actions:
            poll.register(descriptor, event)
        found = {descriptor for descriptor, _ in poll.poll(timeout * 1000)}
        return [act for (descriptor, _), act in actions.items() if descriptor in found]

    def hear(self) -> None:
        """Take what the leader reports."""
        stops = self.job.hear()
        if signal.SIGTSTP in stops and self.keyboard.pump:
            self.suspend()
        self.note_end()

    def note_end(self) -> None:
        """Note when the command has ended, and let its terminal go."""
        if self.job.ended and self.ended is None:
            self.ended = self.now()
            self.keyboard.let_go()

    def obey(self) -> None:
        """Do with each of the person's signals what would have become of it without us."""
        for number in os.read(self.wakeup or 0, 64):
            if number == signal.SIGWINCH:
                self.keyboard.resize()
            elif number == signal.SIGTSTP:
                self.job.signal(number)
                self.suspend()
            elif number in (signal.SIGINT, signal.SIGQUIT) and not self.job.ended:
                self.job.signal(number)
            else:
                self.end_early("signal", self.now())

    def suspend(self) -> None:
        """Stop, as Ctrl-Z would have stopped us and the command together; go on when the shell says so."""
        self.keyboard.give_back()
        handler = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.killpg(os.getpgrp(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, handler)
        if not self.job.ended:
            self.keyboard.take()
        self.job.signal(signal.SIGCONT)

    def drain(self) -> None:
        """Carry what the command has written to its end, however long the person takes to read it."""
        self.streams.pumps = [pump for pump in self.streams.pumps if pump.capture]
        self.job.leading = False
        while actions := self.ready(3600 if any(pump.pending for pump in self.streams.pumps) else 0):
            for act in actions:
                act()

    def trace(self, command: tuple[str, ...]) -> Trace:
        """Return what has been recorded."""
        return Trace(
            command=command,
            began=round(self.began, 4),
            seconds=self.last_sample,
            interval=self.limits.interval,
            longest_gap=self.longest_gap,
            samples=self.samples,
            pid=self.job.pid,
            leader=self.job.leader,
            ended=self.ended,
            exit=self.job.exit,
            cut=self.cut,
            left_running=self.sampler.running_pids(),
            unrecorded=self.sampler.unrecorded_count,
            terminal=self.terminal,
            stdout=self.streams.stdout.output(),
            stderr=self.streams.stderr.output(),
            outsiders=self.sampler.outsiders,
            processes=self.histories(command),
        )

    def histories(self, command: tuple[str, ...]) -> tuple[History, ...]:
        """Return everybody's history, the command's first, with the exit status that only its parent knows."""
        histories = self.sampler.histories(self.last_sample)
        known = [history for history in histories if history.pid == self.job.pid]
        root = known[0] if known else unseen(command, self.job, self.ended)
        if not root.command.cmdline:  # it ended between two of the reads that make its first sample
            named = Command(root.command.comm, command)
            root = dataclasses.replace(root, commands=(Span(root.first_seen, root.commands[-1].end, named),))
        root = dataclasses.replace(root, exit=self.job.exit)
        return (root, *(history for history in histories if history not in known))


def unseen(command: tuple[str, ...], job: Job, ended: float | None) -> History:
    """Return the history of a command that had ended before the first sample: no state of it was seen."""
    end = ended or 0.0
    name = Command(Path(command[0]).name[:15], command)
    return History(
        pid=job.pid,
        start=0,
        uid=os.geteuid(),
        first_seen=0.0,
        last_seen=0.0,
        gone=end,
        exit=job.exit,
        states=(),
        parents=(Span(0.0, end, job.leader),),
        groups=(Span(0.0, end, job.pid),),
        sessions=(Span(0.0, end, job.leader),),
        niceness=(),
        threads=(),
        foreground=(),
        commands=(Span(0.0, end, name),),
    )


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Let no garbage collection fall between two samples."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
