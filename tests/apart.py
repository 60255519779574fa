"""A part of a test in a process of its own: what it does to signals, children and descriptors is nobody else's."""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from lab.signals import as_by_default
from tests.eventually import PATIENCE

BURDEN = """
import os, signal, sys
for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE, signal.SIGXFSZ}:
    signal.signal(number, signal.SIG_IGN)
for number in {signal.SIGPIPE, signal.SIGXFSZ}:
    signal.signal(number, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
os.execvp(sys.argv[1], sys.argv[1:])
"""


def burdened(*command: str) -> list[str]:
    """Return the words that start a command with every signal ignored, but the two that Python does, and blocked."""
    return [sys.executable, "-IS", "-c", BURDEN, *command]


def apart(act: Callable[[], object]) -> None:
    """Run it in a forked process; fail with what it has said if it fails, or hangs."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(reading)
            os.dup2(writing, 2)
            os.close(writing)
            signal.set_wakeup_fd(-1)
            as_by_default()
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, PATIENCE)
            act()
            status = 0
        except BaseException:  # noqa: BLE001 (the test fails with it)
            with suppress(OSError):
                os.write(2, traceback.format_exc().encode())
        finally:
            sys.stdout.flush()
            os._exit(status)
    os.close(writing)
    said = b""
    while piece := os.read(reading, 65536):
        said += piece
    os.close(reading)
    _, status = os.waitpid(pid, 0)
    assert status == 0, f"{os.waitstatus_to_exitcode(status)}\n{said.decode()}"


def descriptors() -> set[str]:
    """Return what this process has open, by number and name."""
    found = set()
    for number in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the listing's own
            found.add(f"{number.name} {number.readlink()}")
    return {name for name in found if "/proc/" not in name}


def no_child_is_left() -> None:
    """See that there is nobody to wait for."""
    with suppress(ChildProcessError):
        raise AssertionError(os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) or "a child lives")
