"""The chat server: the parent accepts, forks a worker for each client, relays what workers have read, and reaps."""

import argparse
import errno
import fcntl
import gc
import os
import resource
import selectors
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import NoReturn

from lab.chat import worker
from lab.chat.control import Control
from lab.chat.listener import Listener, PathError
from lab.chat.pace import BURST, RATE
from lab.chat.paths import add_socket_options, admin_path
from lab.chat.protocol import ERROR, LOGIN_SECONDS, encode
from lab.chat.room import RETRY_SECONDS, Room
from lab.chat.seat import SEAT_UIDS, peer_uid, seat_of
from lab.chat.streams import open_streams
from lab.chat.title import set_title
from lab.chat.transcript import Transcript, complain
from lab.language import tr
from lab.signals import as_by_default

STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
HANDLED_SIGNALS = {*STOP_SIGNALS, signal.SIGCHLD, signal.SIGIO}
REMOVALS = fcntl.DN_DELETE | fcntl.DN_RENAME | fcntl.DN_MULTISHOT  # what F_NOTIFY, fcntl(2), sends SIGIO for
SPARE_DESCRIPTORS = 32
PER_SEAT = 16  # connections at once, and in a second: no seat can take all of the server's processes, or of its time
GOODBYE_SECONDS = 2.0  # for the last lines to be written, and for the workers to end by themselves


class Server:
    """One loop over all events; signal handlers only wake it (signal.set_wakeup_fd)."""

    def __init__(
        self,
        listener: Listener,
        admin_listener: Listener,
        transcript: Transcript,
        login_seconds: float,
        per_seat: int,
        rate: float = RATE,
    ) -> None:
        self._listeners = (listener, admin_listener)
        self._transcript = transcript
        self._login_seconds = login_seconds
        self._per_seat = per_seat
        self._taken: dict[int, deque[float]] = {}  # when a seat's last connections were taken
        self._turned_away: set[int] = set()  # UIDs, each since its last connection that was taken
        self._workers: set[int] = set()  # PIDs that are not reaped yet
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        self._room = Room(self._selector, self._kill_worker, transcript, rate)
        self._control = Control(admin_listener, self._selector, self._room)
        self._selector.register(listener.socket, selectors.EVENT_READ, self._accept)
        self._watch_signals()
        self._watch_folders()
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._capacity = (descriptors - SPARE_DESCRIPTORS) // 2  # a client takes its socket and a channel

    def run(self) -> None:
        """Serve until SIGTERM, SIGINT or SIGHUP, then leave nothing behind."""
        self._transcript.note("start", uid=os.getuid())
        while not self._stopping:
            try:
                self._dispatch(self._room.housekeep())
            except MemoryError:
                with suppress(MemoryError):
                    self._room.make_room()
                time.sleep(RETRY_SECONDS)  # there may have been nobody to let go
        self._shut_down()
        self._transcript.note("stop", uid=os.getuid())

    def _watch_signals(self) -> None:
        self._wakeup, write_end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        for number in HANDLED_SIGNALS:
            signal.signal(number, self._note_signal)
        self._selector.register(self._wakeup, selectors.EVENT_READ, self._take_signals)

    def _watch_folders(self) -> None:
        """Have the kernel tell us when a file is removed beside our sockets, which may be one of them."""
        for folder in {listener.path.parent for listener in self._listeners}:
            with suppress(OSError):  # not ours to read, or a file system that tells nothing
                descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                fcntl.fcntl(descriptor, fcntl.F_NOTIFY, REMOVALS)

    def _dispatch(self, timeout: float | None) -> None:
        for key, _ in self._selector.select(timeout):
            key.data()

    def _take_signals(self) -> None:
        """Wait for every child that has ended; one SIGCHLD may stand for many. Look after the socket files."""
        if signal.SIGIO in os.read(self._wakeup, 4096):
            self._make_missing_sockets()
        while self._workers:
            pid, _status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            self._workers.discard(pid)

    def _make_missing_sockets(self) -> None:
        """Listen anew where a socket's file was removed: who is in stays in, and who waits is let in first."""
        for listener, accept in zip(self._listeners, (self._accept, self._control.accept), strict=True):
            if not listener.is_gone:
                continue
            while accept():
                pass
            self._selector.unregister(listener.socket)
            try:
                listener.make_again()
            except PathError as error:
                complain(str(error))
            else:
                complain(tr("{path} was removed; made again", path=listener.path))
            self._selector.register(listener.socket, selectors.EVENT_READ, accept)

    def _accept(self) -> bool:
        """Take in the next who has connected; False if there is none."""
        try:
            client, _ = self._listeners[0].socket.accept()
        except OSError:  # it has gone again, or the system has no descriptor for it: the next round sees
            return False
        client.setblocking(False)
        uid = peer_uid(client)
        if fault := self._no_room_for(uid):
            self._refuse(client, uid, fault)
            return True
        try:
            self._fork_worker(client)
        except (OSError, MemoryError) as error:
            reason = os.strerror(getattr(error, "errno", errno.ENOMEM))
            fault = tr("no process for you: {reason}; try later", reason=reason)
            self._refuse(client, uid, fault)
        else:
            self._turned_away.discard(uid)
        return True

    def _no_room_for(self, uid: int) -> str | None:
        """Say why one more client of this UID cannot be taken in; None if it can."""
        most = self._per_seat
        if uid in SEAT_UIDS:
            if self._room.connections_of(uid) >= most:
                return tr("your seat has {most} connections; close one first", most=most)
            taken, now = self._taken.setdefault(uid, deque(maxlen=most)), time.monotonic()
            if len(taken) == most and now - taken[0] < 1:
                return tr("your seat connects too often; wait a second")
            taken.append(now)
        if len(self._room.peers) >= self._capacity:
            return tr("the room is full; try again later")
        return None

    def _refuse(self, client: socket.socket, uid: int, reason: str) -> None:
        """Say why and hang up; write down the first in a row, since one who tries on and on fills no transcript."""
        if uid not in self._turned_away:
            self._turned_away.add(uid)
            self._transcript.note("refused", seat=seat_of(uid), uid=uid, text=reason)
        with client, suppress(OSError):  # it did not wait for an answer
            client.send(encode(ERROR + reason))

    def _fork_worker(self, client: socket.socket) -> None:
        """Give the client a process of its own. Raises OSError where the system has none to give."""
        channel, relay = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # A signal between fork and the worker's own handlers would wake the parent through the shared pipe.
        signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED_SIGNALS)
        try:
            pid = os.fork()
            if pid == 0:
                self._be_worker(client, relay)
        except OSError:
            channel.close()
            raise
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED_SIGNALS)
            relay.close()
        self._workers.add(pid)
        channel.setblocking(False)
        self._room.enter(client, channel, pid)

    def _be_worker(self, client: socket.socket, relay: socket.socket) -> NoReturn:
        """Serve the client in this process, which ends with it."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who says goodbye first
            for number in HANDLED_SIGNALS - {signal.SIGINT}:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, HANDLED_SIGNALS)
            _close_all_but(0, 1, 2, client.fileno(), relay.fileno())
            set_title("chat-server:", "(login)")
            worker.serve(client, relay, self._login_seconds)
            status = 0
        finally:
            if status:
                sys.excepthook(*sys.exc_info())
            os._exit(status)

    def _kill_worker(self, pid: int) -> None:
        if pid in self._workers:  # else it is reaped, and the PID may be another's
            os.kill(pid, signal.SIGKILL)

    def _shut_down(self) -> None:
        for listener in self._listeners:
            self._selector.unregister(listener.socket)
            listener.close()
        self._room.say_goodbye()
        self._room.housekeep()
        deadline = time.monotonic() + GOODBYE_SECONDS
        while (self._workers or self._room.peers) and (left := deadline - time.monotonic()) > 0:
            self._dispatch(left)
            self._room.housekeep()
        self._room.close()
        self._end_workers()

    def _end_workers(self) -> None:
        """Kill the workers that are left, stopped ones above all, and reap them."""
        for pid in self._workers:
            os.kill(pid, signal.SIGKILL)
        while self._workers:
            self._workers.discard(os.wait()[0])

    def _note_signal(self, number: int, _frame: FrameType | None) -> None:
        """Leave all else to the loop, which the wake-up pipe wakes."""
        self._stopping |= number in STOP_SIGNALS


def _close_all_but(*kept: int) -> None:
    """Close what the worker has no use for; a copy of another client's channel would hide its end from others."""
    for low, high in pairwise([*sorted(kept), os.sysconf("SC_OPEN_MAX")]):
        os.closerange(low + 1, high)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the server; return 0 after a clean stop, 1 if it cannot listen."""
    open_streams()
    as_by_default()  # else a starter that ignores SIGCHLD, or blocks SIGTERM, decides what becomes of our children
    parser = argparse.ArgumentParser(prog="chat-server", description=tr("the chat server"))
    add_socket_options(parser, admin=True)
    parser.add_argument(
        "--login-seconds",
        metavar="SECONDS",
        type=float,
        default=LOGIN_SECONDS,
        help="close a client that has not logged in by then (default: %(default)s)",
    )
    parser.add_argument(
        "--per-seat",
        metavar="N",
        type=int,
        default=PER_SEAT,
        help="connections that one seat may hold, and make in a second (default: %(default)s)",
    )
    parser.add_argument(
        "--rate",
        metavar="N",
        type=float,
        default=RATE,
        help=f"lines that one seat may say in a second, after {BURST} at once; 0: any number (default: %(default)g)",
    )
    parser.add_argument(
        "--transcript",
        metavar="PATH",
        type=Path,
        default=os.environ.get("CHAT_TRANSCRIPT"),
        help="write down who said what, by seat, as JSON lines (default: $CHAT_TRANSCRIPT, or nowhere)",
    )
    options = parser.parse_args(argv)
    try:
        server = _listen(options)
    except PathError as error:
        print(f"chat-server: {error}", file=sys.stderr)
        return 1
    set_title("chat-server")
    with suppress(OSError):  # a full disk or a reader who has gone is no reason not to serve
        os.write(1, f"ready pid={os.getpid()} socket={options.socket}\n".encode(errors="surrogateescape"))
    # What exists now is shared by all workers and lives as long as they do: without a collector that marks
    # it, its pages stay shared.
    gc.collect()
    gc.freeze()
    server.run()
    return 0


def _listen(options: argparse.Namespace) -> Server:
    with ExitStack() as opened:  # of which nothing stays if the next cannot be had
        listener = Listener(options.socket, 0o666)
        opened.callback(listener.close)
        admin_listener = Listener(admin_path(options), 0o600)
        opened.callback(admin_listener.close)
        transcript = Transcript(options.transcript)
        opened.pop_all()
    return Server(listener, admin_listener, transcript, options.login_seconds, options.per_seat, options.rate)


if __name__ == "__main__":
    sys.exit(main())
