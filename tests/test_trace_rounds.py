"""What the processes of a trace find at once, in every order; and that none of them cares how it was started."""

import itertools
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence

import pytest

from lab import proc
from lab.trace import Trace, leader
from lab.trace.channel import Channel
from lab.trace.recording import Recording
from lab.trace.relay import captured
from lab.trace.watcher import Limits
from tests.apart import apart, burdened, descriptors, no_child_is_left
from tests.chat_room import environment
from tests.clone import ROOT
from tests.eventually import eventually

# No child: a shell that has SIGCHLD ignored could not wait for it.
SIGNALS = 'while read -r line; do case $line in Sig[BI]*) echo "$line" ;; esac; done < /proc/self/status; exit 7'


@pytest.mark.parametrize("start", [burdened, lambda *command: [*command]], ids=["ignored and blocked", "by default"])
def test_a_traced_command_has_the_signals_that_the_trace_was_given(start: Callable[..., list[str]]) -> None:
    """What is ignored and blocked is what it would be without the trace, which itself does not care."""
    command = ("sh", "-c", SIGNALS)
    without, traced = (
        subprocess.run(
            start(*words, *command), capture_output=True, text=True, check=False, cwd=ROOT, env=environment()
        )
        for words in ((), (sys.executable, "-m", "lab.trace"))
    )
    assert len(without.stdout.splitlines()) == 2
    assert traced.stdout.splitlines()[:2] == without.stdout.splitlines(), traced.stderr
    assert (without.returncode, traced.returncode) == (7, 7), traced.stderr


def test_what_the_other_end_said_before_it_went_is_heard() -> None:
    apart(a_long_message_from_one_who_is_gone)


def a_long_message_from_one_who_is_gone() -> None:
    """The other end says more than one `receive` takes, and is gone before we speak, and have read anything."""
    ours, theirs = map(Channel, socket.socketpair())
    pid = os.fork()
    if pid == 0:
        theirs.send(record="x" * 100_000)
        os._exit(0)
    theirs.close()
    os.waitpid(pid, 0)
    ours.send(cut="signal")
    heard = ours.wait()
    assert [len(message["record"]) for message in heard] == [100_000]
    with pytest.raises(EOFError):
        ours.wait()


class OneByOne(Recording):
    """A recording that finds a watcher that is over, and with it all that is named, and takes that in this order.

    It takes all at once, or one in each of its rounds.
    """

    def __init__(self, order: Sequence[str], at_once: bool) -> None:
        self.reading, self.writing = os.pipe()
        self.order = [*order]
        self.at_once = at_once
        super().__init__(captured(None, terminal=False), Limits(0.01, 0.1, 60.0), self.reading)

    def start_watcher(self) -> subprocess.Popen[bytes]:
        self.watcher = super().start_watcher()
        return self.watcher

    def ready(self, timeout: float | None) -> list[Callable[[], None]]:
        if not self.order or self.record is not None:
            return super().ready(timeout)
        while "leader" not in self.order and not self.job.ended:
            self.hear_leader()
        eventually(self.is_over)
        if "person" in self.order:
            os.write(self.writing, bytes([signal.SIGTERM]))
        taken, self.order = (self.order, []) if self.at_once else (self.order[:1], self.order[1:])
        acts = {"watcher": self.hear_watcher, "leader": self.hear_leader, "person": self.obey}
        return [acts[name] for name in taken]

    def is_over(self) -> bool:
        found = proc.read_stat(self.watcher.pid)
        return found is not None and found.state == "Z"


def recorded(order: Sequence[str], at_once: bool) -> None:
    before = descriptors()
    recording = OneByOne(order, at_once)
    trace: Trace = recording.run(["sleep", "1000"], None, None)
    os.close(recording.reading)
    os.close(recording.writing)
    assert trace.cut == "time"
    assert trace.root.command.cmdline == ("sleep", "1000")
    assert descriptors() == before
    no_child_is_left()


@pytest.mark.parametrize(
    ("order", "at_once"),
    [
        *itertools.product(itertools.permutations(("watcher", "person")), (True, False)),
        (("leader", "person", "watcher"), False),  # a watcher that is not told of the end gives up after 3 s
    ],
)
def test_the_record_is_had_whatever_else_comes_at_the_end(order: Sequence[str], at_once: bool) -> None:
    apart(lambda: recorded(order, at_once))


def test_a_command_that_ends_as_the_trace_does_has_ended() -> None:
    """The leader hangs up on a command that still runs: one that is a zombie does not, whatever its group does."""
    apart(end_of_both)


def end_of_both() -> None:
    wakeup = leader.wake_on_child()
    ours, control = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        os._exit(5)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    ours.close()
    assert {*select.select([control.fileno(), wakeup], [], [], 0)[0]} == {control.fileno(), wakeup}
    assert leader.attend(pid, -1, control.fileno(), wakeup, -1)
    no_child_is_left()
