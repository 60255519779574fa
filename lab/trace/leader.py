"""The leader of a traced command's session: what a shell with job control is to its job, and nothing else.

A command that led the session itself would not behave as it does under a shell: its end would hang up the terminal
on the orphans that it leaves (_exit(2)), Ctrl-Z could not stop it, since its process group would be an orphaned one
(credentials(7)), and `ps` would show an `s`. So this small program leads the session, gives the command a process
group of its own, in the foreground if there is a terminal, waits for it, and stays until the trace is over. It is
the command's parent, and nobody else's: it adopts no orphan.

`python3 -I -S leader.py CONTROL TERMINAL CMD…`, with CONTROL a connected stream socket and TERMINAL the descriptor of
the terminal to take, or -1. It writes lines to CONTROL: `ready 0`, upon which a byte from CONTROL starts the command;
`held PID` if that is h, and then its exec waits for another one; `started PID`, or `failed ERRNO`; then `stopped
SIGNAL` any number of times; at the command's end `reaped FAULTS` and `written BYTES`, what /proc says of it last, and
`ended STATUS` as wait(2) encodes it. When the other end closes CONTROL, it ends, and hangs up on a command that still
runs, as a closing terminal does.
"""

import errno
import fcntl
import os
import select
import signal
import sys
import termios
from collections.abc import Callable
from types import FrameType

HOLD = b"h"
SET_PTRACER = 0x59616D61  # PR_SET_PTRACER(2const): where Yama lets only ancestors trace
Handler = Callable[[int, FrameType | None], object] | int | None


def main(control: int, terminal: int, command: list[str]) -> None:
    """Lead the session from the start of the command until the trace is over."""
    for descriptor in (control, terminal):
        if descriptor >= 0:
            os.set_inheritable(descriptor, False)
    inherited = Inherited()
    wakeup = wake_on_child()
    report(control, "ready", 0)
    order = os.read(control, 1)
    if not order:
        return
    try:
        pid, io = start(command, terminal, inherited, control if order == HOLD else None)
    except OSError as error:
        report(control, "failed", error.errno or 0)
        return
    let_go_of_streams()
    report(control, "started", pid)
    if not attend(pid, io, control, wakeup, terminal):
        os.killpg(pid, signal.SIGHUP)


class Inherited:
    """What this program changes for itself of the signals that it came with, and the command is to have as they came.

    SIGCHLD: to hear of the command's end. SIGTTOU: a process that takes the foreground from the background is stopped
    by it, unless it ignores it. SIGPIPE and SIGXFSZ: Python ignores them from its start on.
    """

    def __init__(self) -> None:
        self.blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        self.handlers: dict[signal.Signals, Handler] = {
            number: signal.getsignal(number) for number in (signal.SIGCHLD, signal.SIGTTOU)
        } | dict.fromkeys((signal.SIGPIPE, signal.SIGXFSZ), signal.SIG_DFL)

    def restore(self) -> None:
        """Have them as they came."""
        for number, handler in self.handlers.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, self.blocked)


def let_go_of_streams() -> None:
    """Leave the standard streams to the command alone: they end when it ends them."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)


def wake_on_child() -> int:
    """Return a descriptor that becomes readable with every SIGCHLD, even if that came ignored or blocked."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    return reading


def start(command: list[str], terminal: int, inherited: Inherited, control: int | None) -> tuple[int, int]:
    """Start the command; return its pid, and its /proc/PID/io: once it is dead, only root may open that.

    Raises OSError if there is no process for it, or nothing to execute.

    With CONTROL its exec waits until that says so.
    """
    if terminal >= 0:
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    reading, writing = os.pipe()  # closed by a successful exec
    gate, opener = os.pipe()
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    pid = os.fork()
    if pid == 0:
        os.close(opener)
        become(command, terminal, writing, inherited, gate if control is not None else None)
    io = open_io(pid)
    os.close(writing)
    os.close(gate)
    if control is not None:
        report(control, "held", pid)
        os.write(opener, os.read(control, 1))
    os.close(opener)
    if error := os.read(reading, 16):
        raise OSError(int(error), os.strerror(int(error)))
    os.close(reading)
    return pid, io


def open_io(pid: int) -> int:
    """Return a descriptor of what a process has read and written, proc_pid_io(5); -1 if it is hidden from us."""
    try:
        return os.open(f"/proc/{pid}/io", os.O_RDONLY)
    except OSError:
        return -1


def become(command: list[str], terminal: int, errors: int, inherited: Inherited, gate: int | None) -> None:
    """In the child: be a job of its own, in the foreground, with signals as they came to us; never return."""
    try:
        os.setpgid(0, 0)
        if terminal >= 0:
            take_foreground(terminal)
        inherited.restore()
        if gate is None or wait_for_tracer(gate):
            execute(command)
    except OSError as error:
        os.write(errors, str(error.errno).encode())
    finally:
        os._exit(127)


def wait_for_tracer(gate: int) -> bool:
    """Wait until the gate is opened, and tell whether it is; meanwhile anybody of this user may trace us."""
    import ctypes  # nobody else needs it

    ctypes.CDLL(None).prctl(SET_PTRACER, ctypes.c_ulong(-1))  # without Yama there is no such call, and no need
    return bool(os.read(gate, 1))


def execute(command: list[str]) -> None:
    """Become the command; of a script without #!, a shell that runs it, as a shell would (execve(2), ENOEXEC)."""
    environment = environment_at_start()
    try:
        os.execvpe(command[0], command, environment)
    except OSError as error:
        path = located(command[0], environment)
        if error.errno != errno.ENOEXEC or not is_text(path):
            raise
        os.execve("/bin/sh", ["/bin/sh", path, *command[1:]], environment)


def located(name: str, environment: dict[bytes, bytes]) -> str:
    """Return the path of a program that was found, as execvp(3) finds it."""
    folders = [] if "/" in name else os.get_exec_path(environment)  # type: ignore[arg-type]
    paths = (f"{folder}/{name}" for folder in folders)
    return next((path for path in paths if os.access(path, os.X_OK) and not os.path.isdir(path)), name)  # noqa: PTH112


def is_text(path: str) -> bool:
    """Tell whether a shell takes a file for a script: no NUL in its first line."""
    with open(path, "rb") as file:  # noqa: PTH123
        return b"\0" not in file.read(80).partition(b"\n")[0]


def environment_at_start() -> dict[bytes, bytes]:
    """Return the environment that this process was started with: Python itself adds LC_CTYPE under the C locale."""
    with open("/proc/self/environ", "rb") as file:  # noqa: PTH123 (importing pathlib would double our start)
        entries = file.read().split(b"\0")
    return dict(entry.split(b"=", 1) for entry in entries if b"=" in entry)


def attend(pid: int, io: int, control: int, wakeup: int, terminal: int) -> bool:
    """Report what becomes of the command until the trace closes `control`; return whether it had ended by then."""
    for typed in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
        signal.signal(typed, signal.SIG_IGN)
    ended = False
    while True:
        ready, _, _ = select.select([control, wakeup], [], [])
        if wakeup in ready:
            os.read(wakeup, 512)
            ended = ended or report_changes(pid, io, control)
        if control in ready:
            return ended
        if ended and terminal >= 0:
            take_foreground(terminal)


def report_changes(pid: int, io: int, control: int) -> bool:
    """Report each stop and the end of the command; return whether it has ended."""
    if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        report_last(pid, io, control)
        report(control, "ended", os.waitpid(pid, 0)[1])
        return True
    try:
        while stop := os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG):
            report(control, "stopped", stop.si_status)
    except ChildProcessError:  # it has died since: the next SIGCHLD says so
        return False
    return False


def report_last(pid: int, io: int, control: int) -> None:
    """Report what no sample can see of the command: what it did in its last moment. It is a zombie still."""
    with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
        report(control, "reaped", int(file.read().rpartition(b")")[2].split()[8]))
    try:
        report(control, "written", int(os.pread(io, 512, 0).split()[3]))
    except OSError:  # hidden: another user's
        return


def take_foreground(terminal: int) -> None:
    """Make the caller's process group the foreground one of the terminal."""
    os.tcsetpgrp(terminal, os.getpgrp())


def report(control: int, event: str, number: int) -> None:
    """Tell the trace; one that is gone has closed `control`, as `attend` will see."""
    try:
        os.write(control, f"{event} {number}\n".encode())
    except ConnectionError:
        return


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
