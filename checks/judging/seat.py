"""The seat in which an exercise is checked: whose it is, where its files are, and how the student's program is run."""

import contextlib
import dataclasses
import errno
import math
import os
import pwd
import re
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.judging.verdict import CouldNotRunError
from lab import proc
from lab.student import place
from lab.student.program import as_given
from lab.trace import Trace
from lab.trace.history import document
from lab.trace.recording import INTERVAL, NotWatchedError, Recording
from lab.trace.relay import captured
from lab.trace.watcher import Limits

Evidence = dict[str, Any]
PATIENCE = 10.0  # seconds after which a program that has not come to its end hangs
LINGER = 3.0  # seconds for which what it leaves running is followed
NAP = 0.01
BUFFER = 4096  # bytes: who writes more at once may have to wait for its reader, and sleeps for that
QUIET = 0.001  # seconds that a sleeper is served late on a machine that has nothing else to do; a flood makes 0.3 ms
STOP = 1.0  # seconds for a program to be stopped

# How root runs a student's program: as the student, with what a seat's shell has and no more. When memory is short, the
# kernel ends it first, and not who watches it.
AS_STUDENT = (
    *("sh", "-c", 'echo 1000 > /proc/self/oom_score_adj; exec setpriv "$@"', "sh"),
    *("--clear-groups", "--inh-caps=-all", "--bounding-set=-all,+sys_nice"),
)


class NotStarted(Exception):  # noqa: N818 - it is evidence too
    """The student's program could not be run; `why` is a key of checks/judging/examine.py's sentences."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(why, detail)
        self.why = why
        self.detail = detail


@dataclass(frozen=True)
class User:
    """Whom the student's program runs as, where that is not who checks."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Seat:
    """A student's seat, looked at by the student, or from outside by root, who becomes `user` for the program."""

    name: str
    home: Path
    user: User | None = None

    @property
    def work(self) -> Path:
        """The folder of the student's solutions."""
        return self.home / "work"

    @property
    def uid(self) -> int:
        """Whose processes are the student's."""
        return self.user.uid if self.user else os.getuid()

    @property
    def is_a_folder(self) -> bool:
        """Whether the seat is but a folder that stands in for a home, and not all processes of the user are its."""
        return self.user is None and str(self.home) != pwd.getpwuid(os.getuid()).pw_dir

    def program(self, slug: str) -> list[str]:
        """Return how the student's program is started, from the work folder. Raises NotStarted."""
        try:
            return place.program(self.work, slug, self.uid)
        except place.UnfitError as error:
            raise NotStarted(error.why, error.detail) from None

    def enter(self) -> None:
        """See that the folder of the student's solutions can be entered. Raises NotStarted."""
        try:
            place.enter(self.work, self.uid)
        except place.UnfitError as error:
            raise NotStarted(error.why, error.detail) from None

    def run(
        self,
        slug: str,
        *arguments: str,
        seconds: float = PATIENCE,
        input: str | None = None,  # noqa: A002 (as lab.trace.record calls it)
        terminal: bool = False,
    ) -> Evidence:
        """Run the student's program to its end, or to that of its time; return the evidence of one trace.

        Raises NotStarted.
        """
        with self.started(slug, *arguments, seconds=seconds, input=input, terminal=terminal) as running:
            running.wait()
        return running.evidence()

    @contextlib.contextmanager
    def started(
        self,
        slug: str,
        *arguments: str,
        seconds: float = PATIENCE,
        input: str | None = None,  # noqa: A002
        terminal: bool = False,
        keyboard: bool = False,
        heed: Callable[[bytes], None] | None = None,
        apart: bool = False,
    ) -> Iterator["Running"]:
        """Run the student's program while the caller does something with it; then end what still runs of it.

        With `keyboard` its input stays open, and reads what the caller types. `heed` is given what it prints, with
        `apart` without its errors.
        """
        command = [*self.program(slug), *arguments]
        running = Running(self, command, Limits(INTERVAL, seconds, LINGER), input, terminal, keyboard, heed, apart)
        running.begin()
        try:
            yield running
        finally:
            running.end()

    def words(self, command: Sequence[str]) -> list[str]:
        """Return what to execute so that the command runs as the student."""
        if not self.user:
            return list(command)
        return [*AS_STUDENT, f"--reuid={self.user.uid}", f"--regid={self.user.gid}", "--", *command]

    def environment(self) -> dict[str, str]:
        """Return the environment of the student's program: the student's own."""
        who = {"USER": self.name, "LOGNAME": self.name}
        if not self.user:
            return as_given() | who
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "CHAT_SOCKET") if name in os.environ}
        return kept | who | {"HOME": str(self.home), "SHELL": "/bin/bash"}

    @contextlib.contextmanager
    def as_student(self) -> Iterator[None]:
        """Touch the student's files as the student, not as root: a link of theirs then leads nowhere else.

        Only while no program is recorded.
        """
        if not self.user:
            yield
            return
        os.setegid(self.user.gid)
        os.seteuid(self.user.uid)
        try:
            yield
        finally:
            os.seteuid(0)
            os.setegid(0)


class Running:
    """A program that is being recorded, in a thread, while the caller drives it."""

    def __init__(
        self,
        seat: Seat,
        command: list[str],
        limits: Limits,
        data: str | None,
        terminal: bool,
        keyboard: bool = False,
        heed: Callable[[bytes], None] | None = None,
        apart: bool = False,
    ) -> None:
        self.seat = seat
        self.command = command
        self.began = 0.0
        self.trace: Trace | None = None
        self.error: Exception | None = None
        self.lateness = Lateness()
        self.delayed = 0.0  # seconds for which we, who read what it prints, have waited for a CPU
        self.stop, self.stopped = os.pipe()
        self.keyboard: int | None = None
        keys: int | None = None
        if keyboard:
            keys, self.keyboard = os.pipe()
        streams = captured(data.encode() if data else None, terminal, keys, apart=apart)
        streams.stdout.heed = heed
        self.mark = {"LAB_RUN": secrets.token_hex(8)}  # by which a process of this run is known, wherever it goes
        self.recording = Recording(streams, limits, wakeup=self.stop, mark="LAB_RUN=" + self.mark["LAB_RUN"])
        self.thread = threading.Thread(target=self.record, name="recording")

    def begin(self) -> None:
        """Start the recording, and with it the program."""
        self.began = time.monotonic()
        self.lateness.begin()
        self.thread.start()

    def record(self) -> None:
        """Record to the end."""
        words = self.seat.words(self.command)
        before = proc.delayed("thread-self")
        try:
            self.trace = self.recording.run(words, self.seat.work, self.seat.environment() | self.mark)
        except (OSError, NotWatchedError) as error:
            self.error = error
        after = proc.delayed("thread-self")
        self.delayed = math.inf if before is None or after is None else after - before

    @property
    def ended(self) -> bool:
        """Tell whether the program and all that came of it have ended."""
        return not self.thread.is_alive()

    def moment(self) -> float:
        """Return the time on the trace's clock: a recording begins some hundredths of a second after our call."""
        return round(time.monotonic() - getattr(self.recording, "start", self.began), 6)

    def type(self, line: str) -> None:
        """Type a line, where there is a keyboard; a program that does not read it leaves it in the pipe."""
        if self.keyboard is not None:
            with contextlib.suppress(BrokenPipeError):
                os.write(self.keyboard, f"{line}\n".encode())

    def stop_typing(self) -> None:
        """Let its keyboard, where there is one, come to an end."""
        if self.keyboard is not None:
            os.close(self.keyboard)
            self.keyboard = None

    @property
    def lines(self) -> int:
        """How many lines it has printed so far."""
        return self.recording.streams.stdout.lines

    @property
    def pid(self) -> int | None:
        """The program's first process, None before it is started."""
        job = getattr(self.recording, "job", None)
        return (job.pid or None) if job else None

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the program for a while, if it was started; all of it is stopped before anything goes on.

        If both signals came in the middle of one fork, the child would get the SIGSTOP, and not the SIGCONT (seen with
        Linux 6.18).
        """
        if not self.pid:  # group 0 would be our own
            yield
            return
        self.recording.job.signal(signal.SIGSTOP)
        deadline = time.monotonic() + STOP
        while not self.is_stopped() and time.monotonic() < deadline:
            time.sleep(NAP / 10)
        try:
            yield
        finally:
            self.recording.job.signal(signal.SIGCONT)

    def is_stopped(self) -> bool:
        """Tell whether nobody in the program's process group runs: who was born during one look is in the next."""
        return self._seen_stopped() and self._seen_stopped()

    def _seen_stopped(self) -> bool:
        return all(stat.state in "TZX" for stat in map(proc.read_stat, proc.pids()) if stat and stat.pgid == self.pid)

    def wait(self) -> None:
        """Wait until all of it has ended, or its time is over."""
        self.thread.join()

    def end(self) -> None:
        """End what still runs, with SIGTERM, and SIGKILL after a second."""
        if not self.ended:
            os.write(self.stopped, bytes([signal.SIGTERM]))
        self.thread.join()
        self.lateness.end()
        self.stop_typing()
        os.close(self.stop)
        os.close(self.stopped)

    def evidence(self) -> Evidence:
        """Return the evidence: the trace, how late a process that sleeps was served, and what was read too late.

        Raises NotStarted, or CouldNotRunError if there was no process or no memory for it, or for us.
        """
        if why := self.spoilt():
            raise NotStarted(why, Path(self.command[0]).name)
        if isinstance(self.error, OSError) and self.is_the_programs(self.error):
            raise NotStarted("not-startable", str(self.error.strerror))
        if isinstance(self.error, NotWatchedError) and self.pid:
            raise NotStarted("recorder-killed")
        if not self.trace:
            raise CouldNotRunError(f"{self.command[0]}: {self.error}")
        if refused := self.refused(self.trace):
            raise NotStarted("not-startable", refused)
        trace = dataclasses.replace(self.trace, command=tuple(self.command))  # not as root has started it
        printed = sum(stream.size for stream in (self.recording.streams.stdout, self.recording.streams.stderr))
        held = min(self.delayed, self.lateness.usual * printed / BUFFER)
        return {"traces": [document(trace)], "late": self.lateness.longest, "held": round(held, 4), "printed": printed}

    def spoilt(self) -> str:
        """Return why an executable failed, if the reason is how it was saved; else ""."""
        if not self.command[0].startswith("./"):
            return ""
        path = self.seat.work / self.command[0]
        if not self.trace:
            return place.spoilt(path, self.seat.uid, "", is_failed=isinstance(self.error, OSError))
        is_one = self.trace.terminal and not self.trace.stderr.text
        complaints = self.trace.stdout if is_one else self.trace.stderr
        is_failed = self.trace.exit is not None and self.trace.exit.code not in (0, None)
        return place.spoilt(path, self.seat.uid, complaints.text, is_failed=is_failed)

    def is_the_programs(self, error: OSError) -> bool:
        """Tell whether it is the program that cannot be executed, and not for want of a process or of memory."""
        words = self.seat.words(self.command)
        return error.filename == words[0] and error.errno not in (0, errno.EAGAIN, errno.ENOMEM)

    def refused(self, trace: Trace) -> str:
        """Return why setpriv could not execute the program, if it was between us and it; else ""."""
        found = re.match(r"setpriv: failed to execute [^:]*: (.*)", trace.stderr.text) if self.seat.user else None
        return found[1] if found and trace.exit and trace.exit.code in (126, 127) else ""


class Lateness:
    """How late this machine serves a process that has slept: a thread that naps, and looks at the clock.

    We who look are served late as well: for as long as any of our threads waited for a CPU between two looks, what it
    noted may have been noted late.
    """

    def __init__(self) -> None:
        self.longest = self.total = 0.0
        self.times = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.measure, name="lateness", daemon=True)

    def begin(self) -> None:
        """Begin to measure."""
        self.thread.start()

    def measure(self) -> None:
        """Note the longest delay, until it is over."""
        before = our_delays()
        while not self.over.is_set():
            due = time.monotonic() + NAP
            self.over.wait(NAP)
            late = time.monotonic() - due
            delays = our_delays()
            waited = [delay - before[thread] for thread, delay in delays.items() if thread in before]
            before = delays
            self.longest = round(max([self.longest, late, *waited]), 4)
            self.total += late
            self.times += 1

    @property
    def usual(self) -> float:
        """How late it is as a rule, in seconds; 0 where nobody else wants the processors."""
        mean = self.total / max(1, self.times)
        return mean if mean > QUIET else 0.0

    def end(self) -> None:
        """Stop measuring."""
        self.over.set()
        self.thread.join()


def our_delays() -> dict[int, float]:
    """Return for how many seconds each of our threads has waited for a CPU so far, where the kernel says so."""
    threads = [thread.native_id for thread in threading.enumerate() if thread.native_id]
    delays = {thread: proc.delayed(f"self/task/{thread}") for thread in threads}
    return {thread: delay for thread, delay in delays.items() if delay is not None}
