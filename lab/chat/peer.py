"""Who is in the room, as the server's parent process knows them: one connected client."""

import math
import select
import socket
from collections import deque

from lab.chat.outbox import NO_LINE, Outbox
from lab.chat.pace import Pace
from lab.chat.seat import peer_uid, seat_of


class Peer:
    """One connected client: its socket, the worker that reads it, and the queue of what it is sent."""

    def __init__(self, sock: socket.socket, channel: socket.socket, worker: int, pace: Pace | None) -> None:
        self.socket = sock
        self.write = sock.send
        self.channel = channel  # SOCK_SEQPACKET to the worker: what comes in a packet, whole records
        self.worker = worker  # its PID
        self.outbox = Outbox(sock)
        self.uid = peer_uid(sock)
        self.seat = seat_of(self.uid)
        self.name: str | None = None  # until it has logged in
        self.last_message = NO_LINE
        self.awaited = NO_LINE  # what it is still to be told about (`/ack`)
        self.leave_by = math.inf  # once its worker has ended: when we stop writing to it
        self.pace = pace
        self.unheard = deque[bytearray]()  # records of its last packet that its pace does not let us act on yet
        self.told_of = 0  # the burst for which it has been told to slow down
        self.hear_until = math.inf  # once it has left while something was unheard

    def __str__(self) -> str:
        """Return the name and the seat, as `/who` shows them."""
        return f"{self.name} ({self.seat})" if self.seat else str(self.name)

    @property
    def is_served(self) -> bool:
        """Tell whether nothing is left to be said to it."""
        return not self.outbox and self.awaited.is_settled

    @property
    def has_left(self) -> bool:
        """Tell whether the client has hung up, or its worker has ended, however much of it is still to be read."""
        poll = select.poll()
        poll.register(self.socket, 0)  # POLLHUP is always told of
        poll.register(self.channel, 0)
        return bool(poll.poll(0))
