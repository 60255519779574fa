"""What a program inherits and never sees: taken back, so that a verdict does not depend on who started the check.

`nohup` leaves SIGHUP ignored, a shell without job control SIGINT and SIGQUIT of what runs in the background, some
runners SIGCHLD or SIGPIPE; a mask and a umask are handed on as well (execve(2)). All that is started from here would
have them, the student's program too, and behave as it does not in a terminal.
"""

import os
import signal

UMASK = 0o022  # as in a session of the door
PYTHONS = {signal.SIGPIPE, signal.SIGXFSZ}  # it ignores them itself, and restores them for what it starts


def begin_afresh() -> None:
    """Be as if started by a login shell: no signal ignored or blocked, and the usual umask."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP} - PYTHONS:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.umask(UMASK)
