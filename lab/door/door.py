"""The door of a seat: it runs inside, as the student, and starts a session for everybody who comes in.

Whoever can open its socket is let in: the file system keeps everybody else out. Without a terminal, a session has the
very files of who came in as its standard streams. With one, the terminal is made here, so that `tty`, /dev/pts and
job control are the seat's, and its other end is handed out. One that was asked for by a name is kept when who came in
is gone, as a browser is that has lost its network: who asks for the name again gets the same terminal, and one for
which nobody has come back in time is hung up.
"""

import errno
import gc
import math
import os
import resource
import select
import signal
import socket
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from lab.chat.title import set_title
from lab.door import parcel, session
from lab.signals import as_by_default, do_nothing

FOLDER = "/run/doors"
PATIENCE = 5.0  # seconds for who came in to say what they want
KEPT = 600.0  # seconds that a terminal is kept without anybody at it
MOST_KEPT = 8  # terminals
SPARE_DESCRIPTORS = 32  # for what is open beside the callers' ends, while one is let in above all
WAITING = 128  # at the door, before it has looked


def path_of(uid: int) -> str:
    """Return where a UID's door is.

    Each UID has a folder of its own (0700, made with the image) in one that is root's: in a folder for all, a seat
    could put a file in the place of another's door before that is there.
    """
    return f"{FOLDER}/{uid}/door.sock"


def main() -> int:
    """Listen and serve until a signal ends it; return 1 if it cannot listen. argv: where, instead of `path_of`."""
    as_by_default()
    path = sys.argv[1] if len(sys.argv) > 1 else path_of(os.getuid())
    try:
        listener = listen(path)
    except OSError as error:
        os.write(2, f"door: no socket at {path}: {error.strerror}\n".encode())
        return 1
    set_title("door")
    door = Door(listener)
    gc.collect()
    gc.freeze()  # a session leaves alone what exists now, so that its pages stay shared
    while True:
        door.look()


def listen(path: str) -> socket.socket:
    """Return a listening socket for its owner alone; what an earlier door left there is replaced. Raises OSError."""
    with suppress(FileNotFoundError):
        os.unlink(path)
    os.umask(0o177)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(path)
    listener.listen(WAITING)
    return listener


class Caller:
    """Who came in: their end of the wire, and the session that was started for them."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.patience = time.monotonic() + PATIENCE  # the moment until which they may be silent
        self.pid = 0  # of the session, once they have said what they want
        self.kept = ""  # the name by which their terminal is kept


class Kept:
    """A terminal that is kept by a name, and its session."""

    def __init__(self, terminal: int, pid: int) -> None:
        self.terminal = terminal  # our end of it
        self.pid = pid
        self.until = math.inf  # the moment at which it is hung up, unless somebody comes back


class Door:
    """One loop over all events; who is in, and whose session.

    One look may find that a session has ended, that who waited for it is gone, and that somebody else has come, in any
    order. So an event counts only while its caller is in; and who has got the descriptor of one who left meanwhile has
    no session yet, and is only asked what they want, which may be nothing so far.
    """

    def __init__(self, listener: socket.socket) -> None:
        listener.setblocking(False)
        self._listener = listener
        self._children = watch_children()
        self._callers: dict[int, Caller] = {}  # by their end's descriptor
        self._sessions: dict[int, Caller] = {}  # by PID, until it is reaped, or who waits is gone
        self._kept: dict[str, Kept] = {}  # by name, until it is reaped or given up
        self._most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE_DESCRIPTORS
        self._poll = select.poll()
        self._poll.register(listener, select.POLLIN)
        self._poll.register(self._children, select.POLLIN)

    def look(self) -> None:
        """Wait until something has happened, and deal with all that has."""
        self._poll.modify(self._listener, select.POLLIN if len(self._callers) < self._most else 0)
        for descriptor, _ in self._poll.poll(self._patience()):
            if descriptor == self._children:
                self._reap()
            elif descriptor == self._listener.fileno():
                self._accept()
            elif (caller := self._callers.get(descriptor)) and not caller.pid:
                self._hear(caller)
            elif caller:
                self._part(caller)
        self._show_out()
        self._give_up()

    def _silent(self) -> list[Caller]:
        """Return who has not said yet what they want, in the order in which they came."""
        return [caller for caller in self._callers.values() if not caller.pid]

    def _patience(self) -> float | None:
        """Return in how many milliseconds somebody has been silent, or a terminal been alone, for too long; or None."""
        moments = [*(caller.patience for caller in self._silent()), *(kept.until for kept in self._kept.values())]
        first = min(moments, default=math.inf)
        return None if first == math.inf else 1000 * max(0.0, first - time.monotonic())

    def _show_out(self) -> None:
        """Show out who has been silent for too long; if there is no room, who has been for the longest."""
        for caller in self._silent():
            if len(self._callers) >= self._most or caller.patience <= time.monotonic():
                self._leave(caller)

    def _accept(self) -> None:
        try:
            end, _ = self._listener.accept()
        except OSError:  # the system has no descriptor for it: the next look sees
            return
        end.setblocking(False)
        self._callers[end.fileno()] = Caller(end)
        self._poll.register(end, select.POLLIN)

    def _hear(self, caller: Caller) -> None:
        """Take what a caller says: what they ask for, once; anything that is no such request ends it."""
        try:
            request, files = parcel.receive(caller.end)
        except BlockingIOError:  # they have said nothing yet
            return
        except OSError:
            request, files = {}, []
        try:
            if len(files) == parcel.MOST_FILES:
                self._let_in(caller, request, files)
        finally:
            for file in files:
                os.close(file)
        if not caller.pid:
            self._leave(caller)

    def _let_in(self, caller: Caller, request: Mapping[str, str], files: Sequence[int]) -> None:
        """Start what the caller asks for, or tell them why not."""
        try:
            if name := request.get("keep"):
                caller.pid = self._keep(caller, name, request, files)
            else:
                caller.pid = start(caller.end, request, files)
            self._sessions[caller.pid] = caller
        except (OSError, termios.error) as error:
            with suppress(OSError):
                parcel.send(caller.end, {"errno": str(error.args[0] or errno.EIO)})

    def _keep(self, caller: Caller, name: str, request: Mapping[str, str], files: Sequence[int]) -> int:
        """Give the caller the terminal of this name, a new one if there is none. Raises OSError: EUSERS, too many."""
        kept = self._kept.get(name)
        if kept is None:
            if len(self._kept) >= MOST_KEPT:
                raise OSError(errno.EUSERS, os.strerror(errno.EUSERS))
            kept = self._kept[name] = Kept(*begin(request, files[0]))
            answer = {"terminal": "new"}
        else:
            answer = {"terminal": "kept"}
            if before := self._sessions.get(kept.pid):
                self._leave(before)  # who comes last is at it
        kept.until = time.monotonic() + KEPT  # should the caller be gone by now
        parcel.send(caller.end, answer, [kept.terminal])
        kept.until = math.inf
        caller.kept = name
        return kept.pid

    def _part(self, caller: Caller) -> None:
        """Keep the terminal of who is gone for a while; hang the session up if it is not kept, or they have said so."""
        if caller.kept and "end" not in parcel.receive_texts(caller.end):
            self._kept[caller.kept].until = time.monotonic() + KEPT
            del self._sessions[caller.pid]
            self._leave(caller)
        else:
            self._hang_up(caller)

    def _give_up(self) -> None:
        """Hang up the terminals at which nobody has been for too long."""
        for kept in list(self._kept.values()):
            if kept.until <= time.monotonic():
                self._forget(kept.pid)
                hang_up(kept.pid)

    def _forget(self, pid: int) -> None:
        """Keep a session's terminal no longer: closed by everybody, the kernel hangs it up for all that run there."""
        for name in [name for name, kept in self._kept.items() if kept.pid == pid]:
            os.close(self._kept.pop(name).terminal)

    def _reap(self) -> None:
        """Wait for every child that has ended, one SIGCHLD may stand for many; who waited gets its exit status."""
        os.read(self._children, 4096)
        with suppress(ChildProcessError):  # there is no child any more
            while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
                pid, status = ended
                self._forget(pid)
                if caller := self._sessions.pop(pid, None):
                    with suppress(OSError):
                        parcel.send(caller.end, {"status": str(session.exit_status(status))})
                    self._leave(caller)

    def _hang_up(self, caller: Caller) -> None:
        """Hang a session up whose caller is gone; it is reaped when it has ended."""
        del self._sessions[caller.pid]
        self._leave(caller)
        self._forget(caller.pid)
        hang_up(caller.pid)

    def _leave(self, caller: Caller) -> None:
        """Hear nothing more of a caller."""
        del self._callers[caller.end.fileno()]
        self._poll.unregister(caller.end)
        caller.end.close()


def watch_children() -> int:
    """Return a descriptor that is readable once a child has ended; the handler itself does nothing."""
    readable, writable = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, do_nothing)
    return readable


def start(caller: socket.socket, request: Mapping[str, str], files: Sequence[int]) -> int:
    """Fork the session, and hand out the other end of its terminal. Raises OSError, EAGAIN at the pids limit."""
    if "terminal" not in request:
        return fork(request, files)
    ours, pid = begin(request, files[0])
    try:
        parcel.send(caller, {"terminal": ""}, [ours])
    except OSError:
        hang_up(pid)
        raise
    finally:
        os.close(ours)
    return pid


def begin(request: Mapping[str, str], like: int) -> tuple[int, int]:
    """Fork a session at a terminal of its own; return our end of that, and the PID. Raises OSError."""
    ours, theirs = session.open_terminal(like)
    try:
        return ours, fork(request, [theirs] * 3)
    except OSError:
        os.close(ours)
        raise
    finally:
        os.close(theirs)


def fork(request: Mapping[str, str], files: Sequence[int]) -> int:
    """Return the PID of a child that becomes the session."""
    return os.fork() or session.become(request, files)


def hang_up(pid: int) -> None:
    """Tell a session that who came in is gone, as a terminal's hang-up would: one that is stopped hears it as well."""
    for number in (signal.SIGHUP, signal.SIGCONT):
        with suppress(PermissionError):  # it runs a program as another user
            try:
                os.killpg(pid, number)
            except ProcessLookupError:  # it has no session of its own yet
                os.kill(pid, number)


if __name__ == "__main__":
    sys.exit(main())
