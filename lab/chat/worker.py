"""The worker: the whole conversation with one client. It reads and parses; the parent alone writes to the client.

What it has understood goes to the parent as records: a letter, then UTF-8 text. What one read has brought makes one
packet, so that under load neither of the two is woken for each line.
"""

import select
import socket
import time
from collections.abc import Iterable
from contextlib import suppress

from lab.chat.protocol import (
    ACCEPTED,
    ERROR,
    LOGIN_TRIES,
    MAX_LINE,
    MAX_NAME,
    Fault,
    LineParser,
    clean,
    name_fault,
    normal_name,
)
from lab.chat.title import set_title
from lab.language import tr

LOGIN, MESSAGE, TELL, WHO, CONFIRM, REFUSE = b"L", b"M", b"T", b"W", b"C", b"R"
BETWEEN_RECORDS = b"\xff"  # a byte that UTF-8 never has
RECORD_BYTES = 2 * MAX_LINE
PACKET_BYTES = 4 * RECORD_BYTES
PACKET_RECORDS = 256  # the parent takes a packet of each worker in turn: one that floods has no longer turns than this
LOGIN_ACCEPTED, LOGIN_REFUSED = b"+", b"-"
READ_BYTES = 1 << 16


def serve(client: socket.socket, relay: socket.socket, login_seconds: float) -> None:
    """Talk with the client until it leaves, breaks the rules of the login, or the parent is gone."""
    with suppress(ConnectionResetError, BrokenPipeError):  # an end is no more: nobody is left to tell
        try:
            converse(client, relay, login_seconds)
        except MemoryError:
            relay.send(REFUSE + b"\n" + tr("there is no memory for you; try later").encode())


def converse(client: socket.socket, relay: socket.socket, login_seconds: float) -> None:
    """Read lines and take each in turn. Raises ConnectionResetError or BrokenPipeError if an end is gone."""
    parser, visitor = LineParser(), Visitor(relay)
    login_by = time.monotonic() + login_seconds
    # Not a blocking recv: the parent writes to this very socket, and each time the client reads what was
    # written the kernel would wake a sleeper in recv for nothing. poll(POLLIN) sleeps on.
    poll = select.poll()
    poll.register(client, select.POLLIN)
    poll.register(relay, select.POLLIN)  # readable outside a login: the parent has ended
    while not visitor.leaving:
        patience = None if visitor.name else login_by - time.monotonic()
        if patience is not None and patience <= 0:
            visitor.refuse("", tr("nobody logged in in time; connect again"))
            visitor.report()
            return
        ready = {descriptor for descriptor, _ in poll.poll(patience and patience * 1000)}
        if relay.fileno() in ready:
            return
        if not ready:
            continue
        data = client.recv(READ_BYTES)
        visitor.take_all(parser.feed(data) if data else parser.finish())
        visitor.leaving |= not data


class Visitor:
    """What one client says, line by line: first its name, then messages and commands."""

    def __init__(self, relay: socket.socket) -> None:
        self._relay = relay
        self._records: list[bytes] = []  # that the parent has not been sent yet
        self._size = 0  # of them, as one packet
        self._tries = 0
        self._counted: int | None = None  # lines since `/ack`
        self.name: str | None = None
        self.leaving = False

    def take_all(self, lines: Iterable[str | Fault]) -> None:
        """Act on each line in turn, until one makes the client leave; then report to the parent."""
        for line in lines:
            self._take(line)
            if self.leaving:
                break
        self.report()

    def report(self) -> None:
        """Send the parent what has been gathered for it."""
        if self._records:
            self._relay.send(BETWEEN_RECORDS.join(self._records))
            self._records.clear()
            self._size = 0

    def _take(self, line: str | Fault) -> None:
        """Act on one line, or on the fault of one that was dropped."""
        if self._counted is not None:
            self._counted += 1
        if self.name is None:
            self._log_in(line)
        elif isinstance(line, Fault):
            self.tell_error(line.reason)
        else:
            self._say(clean(line))
        if self._counted is not None:
            self._note(CONFIRM, f"{ACCEPTED}{self._counted}")

    def tell_error(self, reason: str) -> None:
        """Have the parent tell the client what was wrong and what to do."""
        self._note(TELL, ERROR + reason)

    def refuse(self, name: str, reason: str) -> None:
        """Have the parent tell the client why it is not let in (under that name), and write it down."""
        self._note(REFUSE, f"{name[:MAX_NAME]}\n{reason}")

    def _log_in(self, line: str | Fault) -> None:
        name = normal_name(line) if isinstance(line, str) else ""
        fault = line.reason if isinstance(line, Fault) else name_fault(name)
        if fault:
            self.refuse(name, fault)
        elif self._is_accepted(name):
            self.name = name
            set_title("chat-server:", name)
            return
        self._tries += 1
        if self._tries == LOGIN_TRIES:
            self.tell_error(tr("{login_tries} logins were refused; connect again", login_tries=LOGIN_TRIES))
            self.leaving = True

    def _is_accepted(self, name: str) -> bool:
        """Ask the parent, who knows all names; it says the error itself."""
        self._note(LOGIN, name)
        self.report()
        verdict = self._relay.recv(1)
        if not verdict:
            raise ConnectionResetError
        return verdict == LOGIN_ACCEPTED

    def _say(self, text: str) -> None:
        if not text.strip():
            return
        if text.startswith("//"):
            self._note(MESSAGE, text[1:])
        elif text.startswith("/"):
            self._command(text.strip())
        else:
            self._note(MESSAGE, text)

    def _command(self, command: str) -> None:
        if command == "/who":
            self._note(WHO)
        elif command == "/quit":
            self.leaving = True
        elif command == "/ack":
            self._counted = self._counted or 0
        elif command == "/help":
            for line in help_lines():
                self._note(TELL, f"* {line}")
        else:
            self.tell_error(
                tr("there is no command {command}; /help lists them, and //x sends /x as a message", command=command)
            )

    def _note(self, kind: bytes, text: str = "") -> None:
        """Add a record to the packet; a full one goes first."""
        record = kind + text.encode()
        if self._size + len(record) >= PACKET_BYTES or len(self._records) == PACKET_RECORDS:
            self.report()
        self._records.append(record)
        self._size += len(record) + len(BETWEEN_RECORDS)


def help_lines() -> list[str]:
    """Return what `/help` answers, a line a command."""
    return [
        tr("/who   who is online, and in which seat"),
        tr("/quit  leave the room"),
        tr("/ack   confirm each later line by its number"),
        tr("//x    send /x as a message"),
        tr("anything else is a message to everyone else online"),
    ]
