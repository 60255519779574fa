"""A session: the one process that begins what somebody has logged in for. It becomes their shell or their command."""

import fcntl
import os
import pwd
import signal
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress

SHELL = "/bin/bash"
NICE = "/usr/libexec/forklab/nice"  # may set a lower one
TERMINALS = ("/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo")  # beside ~/.terminfo; terminfo(5)
USUAL_TERMINAL = "xterm-256color"  # which most can imitate
WINDOW_SIZE = b"\0" * 8  # struct winsize, TIOCGWINSZ(2const)


def open_terminal(like: int) -> tuple[int, int]:
    """Return the two ends of a new terminal of this seat, with another's size and modes. Raises OSError."""
    ours, theirs = os.openpty()
    termios.tcsetattr(theirs, termios.TCSANOW, termios.tcgetattr(like))
    copy_size(like, theirs)
    return ours, theirs


def copy_size(from_: int, to: int) -> None:
    """Give a terminal another's size; its foreground programs get SIGWINCH if that is a change."""
    fcntl.ioctl(to, termios.TIOCSWINSZ, fcntl.ioctl(from_, termios.TIOCGWINSZ, WINDOW_SIZE))


def become(request: Mapping[str, str], files: Sequence[int]) -> int:
    """Turn this process, just forked, into the shell or the command that the request names. It never returns."""
    try:
        os.setsid()  # a hang-up is for this session, and nobody else's
        _forget_the_door()
        if "terminal" in request:
            fcntl.ioctl(files[0], termios.TIOCSCTTY, 0)
        _use_as_standard(files)
        os.umask(0o022)
        command = ["-c", request["command"]] if "command" in request else ["--login"]
        os.execve(*at_usual_niceness(["bash", *command]), environment(request))
    except (OSError, KeyError) as error:
        os.write(2, f"forklab: {error}\n".encode())
    finally:
        os._exit(126)  # it could not be started, as a shell says it


def at_usual_niceness(shell: list[str]) -> tuple[str, list[str]]:
    """Return what to execute so that the shell has niceness 0, whatever the door has: `renice -u` changes that too."""
    own = os.getpriority(os.PRIO_PROCESS, 0)
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, 0)
        own = 0
    if own and os.access(NICE, os.X_OK):
        return NICE, ["nice", "-n", str(-own), *shell]
    return SHELL, shell


def environment(request: Mapping[str, str]) -> dict[str, str]:
    """Return the seat's environment, with the user's, and with what came along: the terminal's type, the language."""
    login = pwd.getpwuid(os.getuid()).pw_name
    home = os.getcwd()  # where the door stands
    along = {name: request[name] for name in ("TERM", "LANG") if request.get(name)}
    if "TERM" in along:
        along["TERM"] = known_terminal(along["TERM"], home)
    return {
        **os.environ,
        "HOME": home,
        "USER": login,
        "LOGNAME": login,
        "SHELL": SHELL,
        **along,
    }


def known_terminal(name: str, home: str) -> str:
    """Return the name of a terminal, or of the usual one if programs here would not know it."""
    places = (f"{home}/.terminfo", *TERMINALS)
    known = any(os.path.isfile(f"{place}/{name[:1]}/{name}") for place in places) and "/" not in name
    return name if known else USUAL_TERMINAL


def exit_status(status: int) -> int:
    """Return what a shell would say for a status of wait(2): the exit code, or 128 and the signal."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _forget_the_door() -> None:
    """Take back what the door does with signals: a program expects none of them to be ignored, blocked or handled."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _use_as_standard(files: Sequence[int]) -> None:
    for number, file in enumerate(files):
        os.dup2(file, number)  # the files' own numbers are above these three, which the door keeps open
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
