"""What the room writes to its clients: at once where it fits, else when there is room, and never waiting for one."""

import selectors
import socket
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial

from lab.chat.outbox import Line, QueueFullError
from lab.chat.peer import Peer
from lab.chat.transcript import complain
from lab.language import tr

COMPLAINT_SECONDS = 10.0  # of quiet, before that is complained of again


class Post:
    """Writes lines to peers; who cannot be written to the end is lost, and to be disconnected by the room."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        self.lost: list[Peer] = []  # to be disconnected once the line at hand has gone to everybody
        self.behind: set[Peer] = set()  # whose outbox waits for room in the socket's buffer
        self._deaf: set[Peer] = set()  # whose outbox is closed
        self._complain_after = 0.0

    def forget(self, peer: Peer) -> None:
        """Write nothing more to one."""
        peer.outbox.close()
        self._deaf.discard(peer)
        self.watch_for_room(peer)

    def make_room(self) -> bool:
        """Have the one for whom most waits disconnected, for want of memory; False if nothing waits for anybody."""
        self._complain_of_memory()
        if slowest := max(self.behind, key=lambda peer: peer.outbox.size, default=None):
            self._close_outbox(slowest)
            self.lost.append(slowest)
            self.watch_for_room(slowest)
        return slowest is not None

    def to_all(self, line: Line, online: Mapping[str, Peer], particular: Iterable[Peer]) -> None:
        """Write the line to everybody else online, past their empty outboxes: this is what a line costs."""
        data, size = line.data, len(line.data)
        aside = {*particular, *self.behind, *self._deaf}
        for peer in online.values():
            if peer in aside:
                continue
            try:
                written = peer.write(data)
            except BlockingIOError:
                written = 0
            except OSError:
                self._stop_writing(peer)
                continue
            if written != size:
                self._keep(peer, line, written)
        for peer in aside.difference(particular):
            if peer.name is not None and online.get(peer.name) is peer:
                self.send(peer, line)

    def send(self, peer: Peer, line: Line) -> None:
        """Write a line to one, or keep what does not fit; who has too much waiting is lost."""
        try:
            if peer.outbox.put(line):
                return
        except (QueueFullError, MemoryError) as error:
            self.lose(peer, error)
        except OSError:
            self._stop_writing(peer)
        self.watch_for_room(peer)

    def _keep(self, peer: Peer, line: Line, written: int) -> None:
        try:
            peer.outbox.keep(line, written)
        except MemoryError as error:
            self.lose(peer, error)
        self.watch_for_room(peer)

    def _flush(self, peer: Peer) -> None:
        try:
            peer.outbox.flush()
        except MemoryError as error:
            self.lose(peer, error)
        except OSError:
            self._stop_writing(peer)
        self.watch_for_room(peer)

    def lose(self, peer: Peer, reason: Exception) -> None:
        """Have one disconnected who cannot be written, or heard, to the end."""
        if isinstance(reason, MemoryError):
            self._complain_of_memory()
        self._close_outbox(peer)
        self.lost.append(peer)

    def _stop_writing(self, peer: Peer) -> None:
        """Let the worker of a peer that reads no more come to its end: it may have spoken just before it left."""
        self._close_outbox(peer)
        with suppress(OSError):
            peer.socket.shutdown(socket.SHUT_RD)

    def _complain_of_memory(self) -> None:
        now = time.monotonic()
        if now > self._complain_after:
            complain(tr("memory is short; who reads slowest is disconnected"))
        self._complain_after = now + COMPLAINT_SECONDS

    def _close_outbox(self, peer: Peer) -> None:
        self._deaf.add(peer)
        peer.outbox.close()

    def watch_for_room(self, peer: Peer) -> None:
        """Wait for room in the socket's buffer exactly while something waits for it."""
        if bool(peer.outbox) == (peer in self.behind):
            return
        if peer.outbox:
            self.behind.add(peer)
            self._selector.register(peer.socket, selectors.EVENT_WRITE, partial(self._flush, peer))
        else:
            self.behind.remove(peer)
            self._selector.unregister(peer.socket)
