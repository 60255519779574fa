"""The room: who is online, and everybody's messages in one order. It lives in the server's parent process."""

import math
import selectors
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from lab.chat.outbox import NO_LINE, Line, Outbox, QueueFullError
from lab.chat.protocol import ADMIN, ERROR, GOODBYE, REMOVED, WELCOME, encode
from lab.chat.seat import peer_uid, seat_of
from lab.chat.transcript import Transcript
from lab.chat.worker import (
    CONFIRM,
    LOGIN,
    LOGIN_ACCEPTED,
    LOGIN_REFUSED,
    MESSAGE,
    RECORD_BYTES,
    REFUSE,
    TELL,
    WHO,
)
from lab.invisible import looks
from lab.language import tr

LINGER_SECONDS = 5.0  # for a client that has left to read its last lines
BATCH = 32  # records of one worker, before the next worker's turn


class Peer:
    """One connected client: its socket, the worker that reads it, and the queue of what it is sent."""

    def __init__(self, sock: socket.socket, channel: socket.socket, worker: int) -> None:
        self.socket = sock
        self.channel = channel  # SOCK_SEQPACKET to the worker: one packet, one record
        self.worker = worker  # its PID
        self.outbox = Outbox(sock)
        self.uid = peer_uid(sock)
        self.seat = seat_of(self.uid)
        self.name: str | None = None  # until it has logged in
        self.last_message = NO_LINE
        self.awaited = NO_LINE  # what it is still to be told about (`/ack`)
        self.leave_by = math.inf  # once its worker has ended: when we stop writing to it

    def __str__(self) -> str:
        """Return the name and the seat, as `/who` shows them."""
        return f"{self.name} ({self.seat})" if self.seat else str(self.name)

    @property
    def is_served(self) -> bool:
        """Tell whether nothing is left to be said to it."""
        return not self.outbox and self.awaited.is_settled


class Room:
    """Relays what workers have read to everybody online, and never waits for any client or worker."""

    def __init__(
        self, selector: selectors.BaseSelector, kill_worker: Callable[[int], None], transcript: Transcript
    ) -> None:
        self._selector = selector
        self._kill_worker = kill_worker
        self._transcript = transcript
        self.peers: set[Peer] = set()
        self._online: dict[str, Peer] = {}
        self._lost: list[Peer] = []  # to be disconnected once the line at hand has gone to everybody
        self._leaving: set[Peer] = set()  # whose worker has ended
        self._behind: set[Peer] = set()  # whose outbox waits for room in the socket's buffer

    def connections_of(self, uid: int) -> int:
        """Count the clients of one UID, logged in or not."""
        return sum(peer.uid == uid for peer in self.peers)

    def enter(self, sock: socket.socket, channel: socket.socket, worker: int) -> None:
        """Take in a client that has connected and whose worker runs."""
        peer = Peer(sock, channel, worker)
        self.peers.add(peer)
        self._selector.register(channel, selectors.EVENT_READ, partial(self._hear, peer))

    def say(self, text: str) -> int:
        """Send the administrator's message to everyone; return how many are online."""
        self._transcript.note("admin", name=ADMIN, text=text)
        self._broadcast(f"{ADMIN} : {text}")
        return len(self._online)

    def who(self) -> str:
        """Return the line that lists everyone online, in the order of their logins."""
        if not self._online:
            return tr("* nobody is online")
        return "* online: " + ", ".join(map(str, self._online.values()))

    def kick(self, name: str) -> bool:
        """Disconnect the one online under the name; False if there is none."""
        if peer := self._online.get(name):
            self._note("kick", peer)
            self._tell(peer, REMOVED + tr("by the administrator"))
            self._disconnect(peer)
        return peer is not None

    def say_goodbye(self) -> None:
        """Hear nobody any more, which ends the workers, and have a last word for everyone connected."""
        for peer in self._online.values():
            self._note("logout", peer)
        self._online.clear()  # so that nobody is told of anybody's logout
        for peer in [*self.peers]:
            if self._is_heard(peer):
                self._depart(peer)
            self._tell(peer, GOODBYE)

    def close(self) -> None:
        """Disconnect those who have not read the goodbye."""
        for peer in [*self.peers]:
            self._forget(peer)

    def housekeep(self) -> float | None:
        """Disconnect who must go; return in how many seconds to call again, None for "after the next event"."""
        while self._lost:
            self._disconnect(self._lost.pop())
        now = time.monotonic()
        for peer in [*self._behind]:
            if peer.outbox.settle_by <= now:
                peer.outbox.let_go()
        for peer in [*self._leaving]:
            if peer.leave_by <= now or peer.is_served:
                self._forget(peer)
        due = [peer.leave_by for peer in self._leaving] + [peer.outbox.settle_by for peer in self._behind]
        return min(due) - now if due and min(due) < math.inf else None

    def _hear(self, peer: Peer) -> None:
        """Act on what a worker reports; the end of its reports is the end of its client."""
        for _ in range(BATCH):
            if not self._is_heard(peer):
                return
            try:
                record = peer.channel.recv(RECORD_BYTES)
            except BlockingIOError:
                return
            except ConnectionResetError:  # the worker was killed before it read our verdict on a login
                record = b""
            if record:
                self._act(peer, record[:1], record[1:].decode())
            else:
                self._depart(peer)

    def _act(self, peer: Peer, kind: bytes, text: str) -> None:
        if kind == LOGIN:
            self._log_in(peer, text)
        elif kind == MESSAGE:
            self._note("message", peer, text)
            peer.last_message = self._broadcast(f"{peer.name} : {text}", but=peer)
        elif kind == TELL:
            self._tell(peer, text)
        elif kind == REFUSE:
            name, _, reason = text.partition("\n")
            self._refuse(peer, name, reason)
        elif kind == WHO:
            self._tell(peer, self.who())
        elif kind == CONFIRM:
            self._confirm(peer, text)

    def _log_in(self, peer: Peer, name: str) -> None:
        if looks(name) in map(looks, self._online):
            taken = tr("the name {name} is taken; choose another", name=name)
            self._refuse(peer, name, taken)
            self._answer(peer, LOGIN_REFUSED)
            return
        self._answer(peer, LOGIN_ACCEPTED)
        peer.name = name
        self._online[name] = peer
        self._note("login", peer)
        self._tell(peer, f"{WELCOME}{name}, {len(self._online)} online")
        self._broadcast(f"{name} login", but=peer)

    def _refuse(self, peer: Peer, name: str, reason: str) -> None:
        self._transcript.note("refused", seat=peer.seat, uid=peer.uid, name=name or None, text=reason)
        self._tell(peer, ERROR + reason)

    def _note(self, event: str, peer: Peer, text: str | None = None) -> None:
        """Write it down before anybody is told: what was delivered is in the transcript, whatever comes then."""
        self._transcript.note(event, seat=peer.seat, uid=peer.uid, name=peer.name, text=text)

    def _answer(self, peer: Peer, verdict: bytes) -> None:
        """Tell a worker what became of its login; there are LOGIN_TRIES at most, so this never fills its socket."""
        with suppress(OSError):  # the worker is dead; the end of its channel says so next
            peer.channel.send(verdict)

    def _confirm(self, peer: Peer, answer: str) -> None:
        """Answer once all messages that the peer has sent are out of our hands."""
        peer.awaited = peer.last_message
        peer.awaited.when_settled(partial(self._tell, peer, answer))

    def _broadcast(self, text: str, but: Peer | None = None) -> Line:
        line = Line(encode(text))
        for peer in self._online.values():
            if peer is not but:
                self._send(peer, line)
        line.release()
        return line

    def _tell(self, peer: Peer, text: str) -> None:
        line = Line(encode(text))
        self._send(peer, line)
        line.release()

    def _send(self, peer: Peer, line: Line) -> None:
        try:
            peer.outbox.put(line)
        except QueueFullError:
            peer.outbox.close()
            self._lost.append(peer)
        except OSError:
            self._stop_writing(peer)
        self._watch_for_room(peer)

    def _flush(self, peer: Peer) -> None:
        try:
            peer.outbox.flush()
        except OSError:
            self._stop_writing(peer)
        self._watch_for_room(peer)

    def _stop_writing(self, peer: Peer) -> None:
        """Let the worker of a peer that reads no more come to its end: it may have spoken just before it left."""
        peer.outbox.close()
        with suppress(OSError):
            peer.socket.shutdown(socket.SHUT_RD)

    def _watch_for_room(self, peer: Peer) -> None:
        """Wait for room in the socket's buffer exactly while something waits for it."""
        if bool(peer.outbox) == (peer in self._behind):
            return
        if peer.outbox:
            self._behind.add(peer)
            self._selector.register(peer.socket, selectors.EVENT_WRITE, partial(self._flush, peer))
        else:
            self._behind.remove(peer)
            self._selector.unregister(peer.socket)

    def _is_heard(self, peer: Peer) -> bool:
        return peer in self.peers and peer not in self._leaving

    def _depart(self, peer: Peer) -> None:
        """Log out a peer whose worker has ended; what waits for it is still sent, for LINGER_SECONDS."""
        self._leaving.add(peer)
        peer.leave_by = time.monotonic() + LINGER_SECONDS
        self._selector.unregister(peer.channel)
        peer.channel.close()
        peer.outbox.let_go()
        if peer.name is not None and self._online.pop(peer.name, None) is not None:
            self._note("logout", peer)
            self._broadcast(f"{peer.name} logout")

    def _disconnect(self, peer: Peer) -> None:
        """Drop a peer at once, and its worker with it, even one that is stopped."""
        if self._is_heard(peer):
            self._kill_worker(peer.worker)
            self._depart(peer)
        if peer in self.peers:
            self._forget(peer)

    def _forget(self, peer: Peer) -> None:
        self.peers.remove(peer)
        self._leaving.discard(peer)
        peer.outbox.close()
        self._watch_for_room(peer)
        with suppress(OSError):  # shut down, since a stopped worker has this socket too
            peer.socket.shutdown(socket.SHUT_RDWR)
        peer.socket.close()
