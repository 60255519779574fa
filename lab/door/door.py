"""The door of a seat: it runs inside, as the student, and starts a session for everybody who comes in.

Whoever can open its socket is let in: the file system keeps everybody else out. Without a terminal, a session has the
very files of who came in as its standard streams. With one, the terminal is made here, so that `tty`, /dev/pts and
job control are the seat's, and its other end is handed out.
"""

import errno
import gc
import os
import select
import signal
import socket
import sys
import termios
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import FrameType

from lab.chat.title import set_title
from lab.door import parcel, session

FOLDER = "/run/doors"
PATIENCE = 5.0  # seconds for who came in to say what they want
WAITING = 128  # at the door, before it has looked


def path_of(uid: int) -> str:
    """Return where a UID's door is.

    Each UID has a folder of its own (0700, made with the image) in one that is root's: in a folder for all, a seat
    could put a file in the place of another's door before that is there.
    """
    return f"{FOLDER}/{uid}/door.sock"


def main() -> int:
    """Listen and serve until a signal ends it; return 1 if it cannot listen. argv: where, instead of `path_of`."""
    path = sys.argv[1] if len(sys.argv) > 1 else path_of(os.getuid())
    try:
        listener = listen(path)
    except OSError as error:
        os.write(2, f"door: no socket at {path}: {error.strerror}\n".encode())
        return 1
    set_title("door")
    gc.collect()
    gc.freeze()  # a session leaves alone what exists now, so that its pages stay shared
    serve(listener)
    return 0


def listen(path: str) -> socket.socket:
    """Return a listening socket for its owner alone; what an earlier door left there is replaced. Raises OSError."""
    with suppress(FileNotFoundError):
        os.unlink(path)
    os.umask(0o177)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(path)
    listener.listen(WAITING)
    return listener


def serve(listener: socket.socket) -> None:
    """Start sessions, reap them, and tell who waits for one how it ended."""
    sessions: dict[int, socket.socket] = {}  # PID: who waits
    children = watch_children()
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    poll.register(children, select.POLLIN)
    while True:
        for descriptor, _ in poll.poll():
            if descriptor == children:
                reap(children, sessions, poll)
            elif descriptor == listener.fileno():
                caller, _ = listener.accept()
                if pid := let_in(caller):
                    sessions[pid] = caller
                    poll.register(caller, select.POLLIN)
            else:
                hang_up(descriptor, sessions, poll)


def watch_children() -> int:
    """Return a descriptor that is readable once a child has ended; the handler itself does nothing."""
    readable, writable = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, _do_nothing)
    return readable


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    """Be there: without a handler nothing is written to the wake-up descriptor."""


def let_in(caller: socket.socket) -> int | None:
    """Start what the caller asks for and return its PID; None if they were told why not, or are gone."""
    caller.settimeout(PATIENCE)
    files: list[int] = []
    try:
        request, files = parcel.receive(caller)
        if len(files) == parcel.MOST_FILES:
            return start(caller, request, files)
    except (OSError, termios.error) as error:
        with suppress(OSError):
            parcel.send(caller, {"errno": str(error.args[0] or errno.EIO)})
    finally:
        for file in files:
            os.close(file)
    caller.close()
    return None


def start(caller: socket.socket, request: Mapping[str, str], files: Sequence[int]) -> int:
    """Fork the session, and hand out the other end of its terminal. Raises OSError, EAGAIN at the pids limit."""
    if "terminal" not in request:
        return fork(request, files)
    ours, theirs = session.open_terminal(files[0])
    try:
        pid = fork(request, [theirs] * 3)
        parcel.send(caller, {"terminal": ""}, [ours])
        return pid
    finally:
        os.close(ours)
        os.close(theirs)


def fork(request: Mapping[str, str], files: Sequence[int]) -> int:
    """Return the PID of a child that becomes the session."""
    return os.fork() or session.become(request, files)


def reap(children: int, sessions: dict[int, socket.socket], poll: select.poll) -> None:
    """Wait for every child that has ended, one SIGCHLD may stand for many; who waited gets its exit status."""
    os.read(children, 4096)
    with suppress(ChildProcessError):  # there is no child any more
        while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            pid, status = ended
            if caller := sessions.pop(pid, None):
                poll.unregister(caller)
                with caller, suppress(OSError):
                    parcel.send(caller, {"status": str(session.exit_status(status))})


def hang_up(descriptor: int, sessions: dict[int, socket.socket], poll: select.poll) -> None:
    """Tell a session that who came in is gone, as a terminal's hang-up would; it is reaped when it has ended."""
    pid = next(pid for pid, caller in sessions.items() if caller.fileno() == descriptor)
    poll.unregister(descriptor)
    sessions.pop(pid).close()
    try:
        os.killpg(pid, signal.SIGHUP)
    except ProcessLookupError:  # it has no session of its own yet
        os.kill(pid, signal.SIGHUP)


if __name__ == "__main__":
    sys.exit(main())
