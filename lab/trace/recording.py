"""One recording, from the start of the command to the end of the last of its family.

Three processes serve it: the watcher takes the samples and decides when it is over (`watcher`), the leader is the
command's parent (`leader`), and this one carries the command's bytes and obeys the person's signals.
"""

import dataclasses
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lab import proc
from lab.language import tr
from lab.trace.channel import Channel, Message
from lab.trace.history import Command, History, Span, Trace, history_from, spans_from
from lab.trace.job import Environment, Job, NotTracedError
from lab.trace.relay import Keyboard, Streams, captured
from lab.trace.sampler import Sampler
from lab.trace.watcher import Limits

if TYPE_CHECKING:
    from lab.trace.strace import Strace

INTERVAL = 0.01  # seconds between two samples
LINGER = 60.0  # seconds for which orphans are followed after the command has ended
FIRST_LOOKS, FIRST_PAUSE = 20, 0.0005  # seconds between two; a program of another user never shows its stack
FOLDER = Path(__file__).resolve().parents[2]  # from which the watcher finds `lab`


class NotWatchedError(Exception):
    """The process that takes the samples has ended; the text says so, and what has become of the command."""


def record(
    command: Sequence[str],
    *,
    seconds: float | None = None,
    interval: float = INTERVAL,
    linger: float = LINGER,
    cwd: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    input: str | bytes | None = None,  # noqa: A002 (subprocess.run's name for it)
    terminal: bool = False,
) -> Trace:
    """Run a command and return the record of it and of all that came of it, when the last of them has ended.

    After `seconds`, if given, or `linger` seconds after the command's own end, whoever still runs gets a SIGTERM, and
    1 s later a SIGKILL. The command reads `input` (/dev/null if None) and writes into the record alone; with
    `terminal`, all three of its streams are a terminal of its own, and its output is in `stdout`. Raises OSError,
    such as FileNotFoundError, if the command cannot be executed, and NotWatchedError if there is no record.
    """
    data = input.encode() if isinstance(input, str) else input
    recording = Recording(captured(data, terminal), Limits(interval, seconds, linger))
    return recording.run(command, Path(cwd) if cwd is not None else None, env)


class Recording:
    """A command, its streams, and the record of what comes of it.

    `wakeup`, if any, is a descriptor that gives the numbers of the person's signals, a byte each; `tell` is called
    once if the command has ended and others run on, with their number; `mark`, if any, is NAME=VALUE in the environment
    of this command alone; with `calls`, strace follows it.
    """

    def __init__(
        self,
        streams: Streams,
        limits: Limits,
        wakeup: int | None = None,
        tell: Callable[[int], None] | None = None,
        mark: str = "",
        *,
        calls: bool = False,
    ) -> None:
        self.streams = streams
        self.limits = limits
        self.wakeup = wakeup
        self.tell = tell
        self.mark = mark
        self.strace = strace_for(streams) if calls else None
        self.keyboard = Keyboard(streams)
        self.ended: float | None = None
        self.record: Message | None = None

    def run(self, command: Sequence[str], cwd: Path | None, env: Environment | None) -> Trace:
        """Record one command. Raises OSError if it cannot be started, NotWatchedError, NotTracedError."""
        terminal = self.streams.terminal >= 0
        watcher = self.start_watcher()
        try:
            self.job = Job(command, self.streams, cwd, env)
            self.hold()
            self.began, self.start = time.time(), time.monotonic()
            self.channel.send(
                leader=self.job.leader,
                streams=self.streams.names,
                mark=self.mark,
                start=self.start,
                limits=dataclasses.asdict(self.limits),
            )
            self.begin(watcher)
            self.attend()
        finally:
            self.keyboard.give_back()
            self.channel.close()
            watcher.wait()
            self.streams.close()
        return self.trace(tuple(command), terminal)

    def hold(self) -> None:
        """Have strace follow the command's process before it is the command. Raises OSError, NotTracedError."""
        if self.strace is None:
            return
        self.job.hold()
        try:
            self.strace.follow(self.job.pid)
        except NotTracedError:
            self.job.close()
            raise

    def start_watcher(self) -> subprocess.Popen[bytes]:
        """Start the watcher, and wait until it knows who is there before the command."""
        ours, theirs = socket.socketpair()
        with theirs:
            watcher = subprocess.Popen(
                [sys.executable, "-E", "-S", "-m", "lab.trace.watcher", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                cwd=FOLDER,
                env=dict(os.environ),  # a copy: another thread may change ours between fork and exec (EFAULT)
            )
        self.channel = Channel(ours)
        self.hear_ready(watcher)
        return watcher

    def hear_ready(self, watcher: subprocess.Popen[bytes]) -> None:
        """Wait until the watcher says that it is ready. Raises NotWatchedError if it has ended."""
        try:
            self.channel.wait()
        except EOFError:
            status = watcher.wait()
            raise NotWatchedError(
                tr("the process that takes the samples ended at once, with status {status}", status=status)
            ) from None

    def begin(self, watcher: subprocess.Popen[bytes]) -> None:
        """Start the command, once it is watched. Raises OSError, NotWatchedError."""
        try:
            self.hear_ready(watcher)
        except NotWatchedError:
            self.job.close()
            raise
        self.job.begin()
        if first := first_look(self.job.pid):
            self.channel.send(command=dataclasses.asdict(first))

    def attend(self) -> None:
        """Serve the command until the watcher says that it is over; then see its last output through."""
        try:
            self.keyboard.take()
            self.note_end()
            while not self.channel.closed and self.record is None:
                for act in self.ready(None):
                    act()
            self.keyboard.give_back()
            if self.record:
                self.drain()
        finally:
            if self.channel.closed and self.record is None:
                self.end_unwatched()
            self.channel.close()  # if it is not over, the watcher ends it now
            self.job.close()

    def end_unwatched(self) -> None:
        """Kill the command, and what else can be told to be its family now that the watcher, which knew it, is gone."""
        leader = proc.read_stat(self.job.leader)
        found = Sampler()
        found.foreign = {
            pid for pid in found.foreign if leader and (stat := proc.read_stat(pid)) and stat.start < leader.start
        }
        found.expect(self.job.leader, self.streams.names, self.mark.encode())
        found.kill(0.0)
        found.close()

    def ready(self, timeout: float | None) -> list[Callable[[], None]]:
        """Wait until there is something to do, for `timeout` seconds at most; return what to call."""
        actions = {wait: pump.step for pump in self.streams.pumps if (wait := pump.waits_for())}
        if self.record is None:
            actions[self.channel.fileno(), select.POLLIN] = self.hear_watcher
        if self.job.leading:
            actions[self.job.control.fileno(), select.POLLIN] = self.hear_leader
        if self.wakeup is not None:
            actions[self.wakeup, select.POLLIN] = self.obey
        poll = select.poll()
        for descriptor, event in actions:
            poll.register(descriptor, event)
        found = {descriptor for descriptor, _ in poll.poll(None if timeout is None else timeout * 1000)}
        return [act for (descriptor, _), act in actions.items() if descriptor in found]

    def hear_watcher(self) -> None:
        """Take what the watcher reports."""
        for message in self.channel.receive():
            self.record = message.get("record", self.record)
            if self.tell and "running" in message:
                self.tell(message["running"])

    def hear_leader(self) -> None:
        """Take what the leader reports."""
        stops = self.job.hear()
        if signal.SIGTSTP in stops and self.keyboard.pump:
            self.suspend()
        self.note_end()

    def note_end(self) -> None:
        """Note when the command has ended, and let its terminal go."""
        if self.job.ended and self.ended is None:
            self.ended = round(time.monotonic() - self.start, 4)
            self.channel.send(ended=self.ended)
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
                self.channel.send(cut="signal")

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
        for pump in [pump for pump in self.streams.pumps if not pump.capture]:  # the command's input
            self.streams.pumps.remove(pump)
            pump.close()
        self.job.leading = False
        while actions := self.ready(3600 if any(pump.pending for pump in self.streams.pumps) else 0):
            for act in actions:
                act()

    def trace(self, command: tuple[str, ...], terminal: bool) -> Trace:
        """Return what has been recorded."""
        if self.record is None:
            raise NotWatchedError(
                tr("the process that takes the samples was killed: the program has been ended, and there is no record")
            )
        record = self.record
        return Trace(
            command=command,
            began=round(self.began, 4),
            seconds=record["seconds"],
            interval=self.limits.interval,
            longest_gap=record["longest_gap"],
            samples=record["samples"],
            pid=self.job.pid,
            leader=self.job.leader,
            ended=self.ended,
            exit=self.job.exit,
            cut=record["cut"],
            left_running=tuple(record["left_running"]),
            unrecorded=record["unrecorded"],
            terminal=terminal,
            stdout=self.streams.stdout.output(),
            stderr=self.streams.stderr.output(),
            outsiders={int(pid): name for pid, name in record["outsiders"].items()},
            processes=self.histories(command, [history_from(process) for process in record["processes"]]),
            missed=spans_from(record["missed"]),
            calls=self.strace.calls(self.job.pid, self.began) if self.strace else None,
        )

    def histories(self, command: tuple[str, ...], histories: list[History]) -> tuple[History, ...]:
        """Return everybody's history, the command's first, with the exit status that only its parent knows."""
        known = [history for history in histories if history.pid == self.job.pid]
        root = known[0] if known else unseen(command, self.job, self.ended)
        if not root.command.cmdline:  # it ended between two of the reads that make its first sample
            named = Command(root.command.comm, command)
            root = dataclasses.replace(root, commands=(Span(root.first_seen, root.commands[-1].end, named),))
        root = dataclasses.replace(
            root,
            exit=self.job.exit,
            reaped=self.ended_with("reaped", root.reaped),
            written=self.ended_with("written", root.written),
        )
        return (root, *(history for history in histories if history not in known))

    def ended_with(self, kind: str, spans: tuple[Span[int], ...]) -> tuple[Span[int], ...]:
        """Return the command's spans of a kind with the value that it had in the end, should no sample have seen it."""
        end, value = self.ended or 0.0, self.job.last.get(kind)
        if value is None or (spans and spans[-1].value == value):
            return spans
        if not spans:
            return (Span(end, end, value),)
        *before, last = spans
        return (*before, Span(last.start, end, last.value), Span(end, max(end, last.end), value))


def strace_for(streams: Streams) -> "Strace":
    """Return what will follow a command, whose words go the way of its streams. Raises NotTracedError."""
    from lab.trace.strace import Strace  # nobody waits for what is not asked for

    strace = Strace()
    streams.pumps.append(strace.pump)
    return strace


def first_look(pid: int) -> proc.Stat | None:
    """Look at the command before the first sample; it has begun its exec, and a moment later its stack is drawn."""
    for _ in range(FIRST_LOOKS):
        stat = proc.read_stat(pid)
        if stat is None or stat.stack or stat.state in "ZX":
            break
        time.sleep(FIRST_PAUSE)
    return stat


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
