"""The room: who is online, and everybody's messages in one order. It lives in the server's parent process."""

import math
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from lab.chat.outbox import Line
from lab.chat.pace import BURST, Pace
from lab.chat.page import Page
from lab.chat.peer import Peer
from lab.chat.post import Post
from lab.chat.protocol import ADMIN, ERROR, GOODBYE, REMOVED, WELCOME, encode
from lab.chat.seat import SEAT_UIDS, peer_uid
from lab.chat.transcript import Transcript
from lab.chat.worker import (
    BETWEEN_RECORDS,
    CONFIRM,
    LOGIN,
    LOGIN_ACCEPTED,
    LOGIN_REFUSED,
    MESSAGE,
    PACKET_BYTES,
    REFUSE,
    TELL,
    WHO,
)
from lab.invisible import looks
from lab.language import tr

LINGER_SECONDS = 5.0  # for a client that has left to read its last lines
RETRY_SECONDS = 0.01  # where there was no memory
HEAR_OUT_SECONDS = 10.0  # for what one who has left had said faster than its seat may: 20 lines and 50, by default


class Room:
    """Relays what workers have read to everybody online, and never waits for any client or worker."""

    def __init__(
        self, selector: selectors.BaseSelector, kill_worker: Callable[[int], None], transcript: Transcript, rate: float
    ) -> None:
        self._selector = selector
        self._kill_worker = kill_worker
        self._transcript = transcript
        self._rate = rate
        self._paces: dict[int, Pace] = {}  # by UID
        self.peers: set[Peer] = set()
        self._online: dict[str, Peer] = {}
        self._post = Post(selector)
        self._leaving: set[Peer] = set()  # whose worker has ended
        self._hasty: dict[Peer, None] = {}  # whose records wait, for their seat's pace most often; in order of turns
        self._buffer = bytearray(PACKET_BYTES)
        self._page = Page[Peer]()  # what this round has to deliver
        self._is_turning = False

    def connections_of(self, uid: int) -> int:
        """Count the clients of one UID, logged in or not."""
        return sum(peer.uid == uid for peer in self.peers)

    def enter(self, sock: socket.socket, channel: socket.socket, worker: int) -> None:
        """Take in a client that has connected and whose worker runs."""
        peer = Peer(sock, channel, worker, self._pace_of(peer_uid(sock)))
        self.peers.add(peer)
        self._selector.register(channel, selectors.EVENT_READ, partial(self._hear, peer))

    def _pace_of(self, uid: int) -> Pace | None:
        if uid not in SEAT_UIDS or not self._rate > 0:
            return None
        return self._paces.setdefault(uid, Pace(self._rate))

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
        """Deliver, and disconnect who must go; return in how many seconds to call again, None: after the next event."""
        now = time.monotonic()
        for peer in [*self._post.behind]:
            if peer.outbox.settle_by <= now:
                peer.outbox.let_go()
        for peer in [*self._hasty]:
            self._go_on(peer, now)
        self._turn_page()
        while self._post.lost:
            self._disconnect(self._post.lost.pop())
            self._turn_page()
        for peer in [*self._leaving]:
            if peer.leave_by <= now or peer.is_served:
                self._forget(peer)
        if self._page or self._post.lost:
            return 0.0
        if not (self._leaving or self._post.behind or self._hasty):
            return None
        due = [peer.leave_by for peer in self._leaving] + [peer.outbox.settle_by for peer in self._post.behind]
        due += [peer.pace.ready_at if peer.pace else now + RETRY_SECONDS for peer in self._hasty]
        return min(due) - now if due and min(due) < math.inf else None

    def make_room(self) -> bool:
        """Have the one for whom most waits disconnected, for want of memory; False if nothing waits for anybody."""
        return self._post.make_room()

    def _hear(self, peer: Peer) -> None:
        """Act on one packet of what a worker reports; the end of its reports is the end of its client."""
        if not self._is_heard(peer):
            return
        try:
            size = peer.channel.recv_into(self._buffer)
        except BlockingIOError:
            return
        except ConnectionResetError:  # the worker was killed before it read our verdict on a login
            size = 0
        if not size:
            self._depart(peer)
            return
        peer.unheard = self._records(peer, size)
        if not self._heed(peer):
            self._selector.unregister(peer.channel)
            self._hasty[peer] = None

    def _records(self, peer: Peer, size: int) -> deque[bytearray]:
        """Cut up the packet of so many bytes that is in the buffer."""
        while True:
            try:
                return deque(self._buffer[:size].split(BETWEEN_RECORDS))
            except MemoryError as error:
                if not self._post.make_room():
                    self._post.lose(peer, error)
                    return deque()

    def _heed(self, peer: Peer) -> bool:
        """Act on its records; False if the rest must wait, and its worker with them: for its seat's pace, or memory."""
        while records := peer.unheard:
            if peer.pace and records[0].startswith(MESSAGE) and not peer.pace.take(time.monotonic()):
                self._slow_down(peer, peer.pace)
                return False
            try:
                self._act(peer, records[0][:1], records[0][1:].decode())
            except MemoryError:
                self._post.make_room()
                return False
            records.popleft()
        return True

    def _slow_down(self, peer: Peer, pace: Pace) -> None:
        if peer.told_of != pace.burst:
            peer.told_of = pace.burst
            rate = f"{pace.rate:g}"
            told = tr(
                "your seat may say {burst} lines at once, then {rate} a second; the rest wait their turn",
                burst=BURST,
                rate=rate,
            )
            self._tell(peer, f"* {told}")

    def _go_on(self, peer: Peer, now: float) -> None:
        """Act on what had to wait, as far as it may be said now; one who has left is not heard out for ever."""
        if peer.pace and peer.pace.ready_at > now:
            return
        if peer.hear_until == math.inf and peer.has_left:
            peer.hear_until = now + HEAR_OUT_SECONDS
        if peer.hear_until <= now:
            self._note("unheard", peer, tr("left while its last lines waited for their turn"))
            self._disconnect(peer)
            return
        del self._hasty[peer]
        if self._heed(peer):
            self._selector.register(peer.channel, selectors.EVENT_READ, partial(self._hear, peer))
        else:
            self._hasty[peer] = None  # behind the others of its seat

    def _act(self, peer: Peer, kind: bytearray, text: str) -> None:
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
        self._turn_page()  # what came before is for those who were there
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
        """Put a line for everybody online, or all but one, on the page; return what is settled when they have it."""
        page = self._page
        page.add(encode(text), but=but)
        if page.is_full:
            self._turn_page()
        return page.line

    def _tell(self, peer: Peer, text: str) -> None:
        if peer.awaited is self._page.line:
            self._turn_page()  # what it has said before is confirmed before
        self._page.add(encode(text), only=peer)
        if self._page.is_full:
            self._turn_page()

    def _turn_page(self) -> None:
        """Write the page to everybody, and then what has been put on the next one because of it."""
        if self._is_turning:
            return
        self._is_turning = True
        try:
            while page := self._page:
                try:
                    line, fresh = page.write(), Page[Peer]()
                except MemoryError:  # the page stays, for the next round
                    self._post.make_room()
                    return
                self._page = fresh
                self._post.to_all(line, self._online, page.particular)
                for peer in page.particular:
                    self._send_part(peer, page)
                line.release()
        finally:
            self._is_turning = False

    def _send_part(self, peer: Peer, page: Page[Peer]) -> None:
        try:
            part = page.part_of(peer, is_online=self._is_online(peer))
        except MemoryError as error:
            self._post.lose(peer, error)
            return
        if part.data:  # else it was the only one to speak
            self._post.send(peer, part)
        part.release()

    def _is_online(self, peer: Peer) -> bool:
        return peer.name is not None and self._online.get(peer.name) is peer

    def _is_heard(self, peer: Peer) -> bool:
        return peer in self.peers and peer not in self._leaving

    def _depart(self, peer: Peer) -> None:
        """Log out a peer whose worker has ended; what waits for it is still sent, for LINGER_SECONDS."""
        self._turn_page()  # it was there when that was said
        self._leaving.add(peer)
        peer.leave_by = time.monotonic() + LINGER_SECONDS
        if peer in self._hasty:
            del self._hasty[peer]
        else:
            self._selector.unregister(peer.channel)
        peer.channel.close()
        peer.outbox.let_go()
        if peer.name is not None and self._online.pop(peer.name, None) is not None:
            self._note("logout", peer)
            self._broadcast(f"{peer.name} logout")

    def _disconnect(self, peer: Peer) -> None:
        """Drop a peer at once, and its worker with it, even one that is stopped."""
        self._turn_page()  # its last words, if there are any
        if self._is_heard(peer):
            self._kill_worker(peer.worker)
            self._depart(peer)
        if peer in self.peers:
            self._forget(peer)

    def _forget(self, peer: Peer) -> None:
        self.peers.remove(peer)
        self._leaving.discard(peer)
        self._post.forget(peer)
        with suppress(OSError):  # shut down, since a stopped worker has this socket too
            peer.socket.shutdown(socket.SHUT_RDWR)
        peer.socket.close()
