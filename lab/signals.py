"""What a program inherits besides its arguments: which signals are ignored, and which are blocked.

A child has them from its parent, and exec keeps them, signal(7): below `nohup` SIGHUP is ignored, below a script's `&`
SIGINT, below a careless service SIGCHLD, and then nobody can wait for a child. Handlers alone end with exec.
"""

import signal
from types import FrameType

# What a program may take from who starts it without being wrong: Python itself ignores these two from its start on.
NUMBERS = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE, signal.SIGXFSZ}


def as_by_default() -> None:
    """Ignore and block nothing that only our starter did: for what has to be the same whoever starts it."""
    for number in NUMBERS:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def by_default_for_programs() -> None:
    """Go on without the signals that our starter ignored, but have none ignored or blocked in what we execute."""
    for number in NUMBERS:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, do_nothing)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def do_nothing(_number: int, _frame: FrameType | None) -> None:
    """Be a handler: a signal that has one wakes `signal.set_wakeup_fd`, and is not ignored after exec."""
