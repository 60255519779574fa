"""The process that takes the samples: it does nothing else, so that nothing else delays them.

It leads a session of its own, with nobody else in it: where the kernel shares the cores out by session (autogroup,
sched(7)), a sampler that hardly runs is then served at once, however many others are busy. It has no part in what it
watches: it is parent, reaper or tracer of nobody.

`python3 -S -m lab.trace.watcher CHANNEL`, with CHANNEL a connected stream socket (`channel`). It sends `ready` when
it has seen who is there before the command; is told `leader`, `streams`, `mark`, `limits` and `start` (moment 0 on
time.monotonic's clock), and sends `ready` again, upon which the command may start; is told `command` (a first look at
it), `ended` when it has, and `cut` when the person wants an end; sends `running` once if others run on after the
command; and at last `record`. When the other end closes, it kills the family.
"""

import gc
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from lab import proc
from lab.trace.channel import Channel, Message
from lab.trace.history import plain
from lab.trace.sampler import Sampler

GRACE = 1.0  # seconds from SIGTERM to SIGKILL
DEATH = 2.0  # seconds that the killed are given to be gone
REAP = 0.5  # seconds that zombies are given to be reaped, once nobody but zombies is left


@dataclass(frozen=True)
class Limits:
    """How often, and for how long, in seconds."""

    interval: float
    seconds: float | None  # everything ends then; None: when it ends by itself
    linger: float  # how long orphans are followed after the command has ended


@dataclass
class Watch:
    """One recording's samples, and the decision when it is over."""

    sampler: Sampler
    limits: Limits
    now: Callable[[], float]  # seconds since the start
    samples: int = 0
    last_sample: float = 0.0
    longest_gap: float = 0.0
    ended: float | None = None
    asked: str | None = None  # why the person wants an end
    cut: str | None = None
    cut_at: float = 0.0
    zombies_since: float | None = None
    alone: bool = False  # whether nobody of the family was there at the last sample

    def sample(self) -> float:
        """Take a sample; return its time."""
        now = self.now()
        self.sampler.sample(now)
        self.longest_gap = max(self.longest_gap, round(now - self.last_sample, 4))
        self.last_sample = now
        self.samples += 1
        return now

    def hear(self, messages: list[Message]) -> None:
        """Take what is told about the command and the person."""
        for message in messages:
            if "command" in message:
                self.sampler.learn_stack(proc.Stat(**message["command"]))
            self.ended = message.get("ended", self.ended)
            self.asked = message.get("cut", self.asked)

    def is_over(self, now: float) -> bool:
        """Tell whether there is nothing left to record, and see to it that this comes."""
        # Twice in a row: a parent may have died between our listing of /proc and our look at it, its child not listed.
        was_alone, self.alone = self.alone, self.ended is not None and not self.sampler.anybody()
        if (was_alone and self.alone) or (self.ended is not None and self.only_zombies(now)):
            return True
        if self.cut:
            return self.put_to_death(now)
        if self.asked:
            self.end_early(self.asked)
        elif self.limits.seconds is not None and now >= self.limits.seconds:
            self.end_early("time")
        elif self.ended is not None and now >= self.ended + self.limits.linger:
            self.end_early("linger")
        return False

    def only_zombies(self, now: float) -> bool:
        """Tell whether for a while nobody has been there but zombies: whoever should reap them never will."""
        if self.sampler.running():
            self.zombies_since = None
        elif self.zombies_since is None:
            self.zombies_since = now
        return self.zombies_since is not None and now >= self.zombies_since + REAP

    def end_early(self, why: str) -> None:
        """Ask everybody to end; the stopped ones cannot hear it before they are continued."""
        self.cut, self.cut_at = why, self.now()
        self.sampler.signal(signal.SIGTERM)
        self.sampler.signal(signal.SIGCONT)

    def put_to_death(self, now: float) -> bool:
        """Once the time of grace is over, kill; tell whether even that has failed."""
        if now >= self.cut_at + GRACE:
            self.sampler.kill(now)
        return now >= self.cut_at + GRACE + DEATH

    def record(self) -> Message:
        """Return the part of the document that is known here."""
        return {
            "seconds": self.last_sample,
            "samples": self.samples,
            "longest_gap": self.longest_gap,
            "cut": self.cut,
            "left_running": self.sampler.running_pids(),
            "unrecorded": self.sampler.unrecorded_count,
            "outsiders": plain(self.sampler.outsiders),
            "missed": plain(tuple(self.sampler.births.missed)),
            "processes": plain(self.sampler.histories(self.last_sample)),
        }


def main(channel: Channel) -> None:
    """Watch one command."""
    gc.disable()
    sampler = Sampler()
    channel.send(ready=True)
    try:
        (told,) = channel.wait()
    except EOFError:  # there is no leader
        return
    streams = {name: tuple(identity) for name, identity in told["streams"].items()}
    sampler.expect(told["leader"], streams, told["mark"].encode())
    start = told["start"]
    watch = Watch(sampler, Limits(**told["limits"]), lambda: round(time.monotonic() - start, 4))
    channel.send(ready=True)
    loop(watch, channel)
    channel.send(record=watch.record())


def loop(watch: Watch, channel: Channel) -> None:
    """Sample, on a schedule of absolute times, until it is over."""
    due, announced = 0.0, False
    while not watch.is_over(watch.sample()):
        if watch.ended is not None and not announced and (running := watch.sampler.running()):
            announced = True
            channel.send(running=running)
        due = max(due + watch.limits.interval, watch.now())
        listen(watch, channel, due)


def listen(watch: Watch, channel: Channel, until: float) -> None:
    """Wait until the next sample is due, or something is told, which is worth a sample at once."""
    if not select.select([channel], [], [], max(0.0, until - watch.now()))[0]:
        return
    watch.hear(channel.receive())
    if channel.closed:
        watch.sampler.kill(watch.now())
        sys.exit(1)


if __name__ == "__main__":
    main(Channel(socket.socket(fileno=int(sys.argv[1]))))
