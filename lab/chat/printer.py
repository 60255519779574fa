"""The printer: the process that writes on the screen, forked anew for each connection.

At a terminal it shows what is being typed as well, as the keyboard's process tells it: only one process writes there,
so that a line of the room never goes through a line that is half typed. The keys come one by one just as long as there
are two processes: whichever is killed, the other puts the terminal's modes back.
"""

import os
import re
import select
import signal
import socket
import struct
import sys
from contextlib import suppress
from types import FrameType
from typing import NoReturn

from lab.chat.connection import Connection
from lab.chat.protocol import ACCEPTED, REMOVED
from lab.chat.screen import Screen
from lab.chat.terminal import Terminal

RECEIPT = struct.Struct("Q")  # to the keyboard's process: so many lines are confirmed
ACCEPTED_LINE = re.compile(re.escape(ACCEPTED) + "([0-9]{1,18})")
SHOW, ENTER = b"S", b"E"  # from the keyboard's process: the line that is being typed; one that has been
MAX_PACKET = 1 << 17  # bytes
LOST, FAILED, KICKED = 0, 1, 3  # exit statuses


class Printer:
    """The forked process, as the keyboard's process has it. `receipts` gives what is confirmed, and its end."""

    def __init__(self, connection: Connection | None, terminal: Terminal | None, prompt: str = "") -> None:
        """Fork. Without a connection it shows a prompt and what is typed; without a terminal only what is said."""
        self._terminal = terminal
        self.receipts, receipts = os.pipe()
        self._typed, typed = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self.receipts)
            self._typed.close()
            _be_printer(Screen(prompt), connection, typed, receipts, terminal)
        os.close(receipts)
        typed.close()
        self.is_there = True
        self.status = FAILED

    def __enter__(self) -> "Printer":
        if self._terminal:
            self._terminal.take()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind:  # Ctrl-C, above all: no printer is left behind
            os.kill(self._pid, signal.SIGTERM)
        self.is_there = False
        self._typed.close()
        os.close(self.receipts)
        self.status = os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])
        if self._terminal:
            self._terminal.give_back()
            with suppress(OSError):
                os.write(1, b"\r\n" if kind else b"")

    def lets(self, descriptor: int) -> bool:
        """Wait until there is something to read; False if the printer has gone before."""
        return self.receipts not in select.select([self.receipts, descriptor], [], [])[0]

    def show(self, before: str, after: str) -> None:
        """Show a line that is being typed."""
        self._tell(SHOW, f"{before}\0{after}")

    def enter(self, line: str) -> None:
        """Show a line that was typed."""
        self._tell(ENTER, line)

    def _tell(self, kind: bytes, text: str) -> None:
        with suppress(OSError):  # it has gone, as its receipts say
            self._typed.send(kind + text.encode())


def _be_printer(
    screen: Screen, connection: Connection | None, typed: socket.socket, receipts: int, terminal: Terminal | None
) -> NoReturn:
    """Print what the server says; end when it is gone, or when the keyboard's process is."""
    status = FAILED
    try:
        resized = _mind_signals(terminal)
        status = _print_all(screen, connection, typed, receipts, resized)
    except BrokenPipeError:
        pass  # nobody reads our output any more
    except OSError as error:
        print(f"chat: {error.strerror}", file=sys.stderr)
    finally:
        if terminal:
            terminal.give_back()
        os._exit(status)


def _mind_signals(terminal: Terminal | None) -> int:
    """Leave the signals that end a chat to the keyboard's process; return what is readable when to draw anew."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGTSTP, signal.SIG_DFL)
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        if terminal:
            signal.signal(number, signal.SIG_IGN)
        elif signal.getsignal(number) != signal.SIG_IGN:  # in the background of a script, Ctrl-C is for others
            signal.signal(number, signal.SIG_DFL)
    readable, writable = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    for number in (signal.SIGWINCH, signal.SIGCONT):
        signal.signal(number, _do_nothing if terminal else signal.SIG_DFL)
    return readable


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    """Be there: without a handler nothing is written to the wake-up descriptor."""


def _print_all(screen: Screen, connection: Connection | None, typed: socket.socket, receipts: int, resized: int) -> int:
    """Return why it is over: LOST, or KICKED."""
    poll = select.poll()
    for descriptor in (typed.fileno(), resized, *([connection.socket.fileno()] if connection else [])):
        poll.register(descriptor, select.POLLIN)
    while True:
        while connection and connection.received:
            line = connection.received.popleft()
            if receipt := ACCEPTED_LINE.fullmatch(line):
                os.write(receipts, RECEIPT.pack(int(receipt[1])))
                continue
            screen.say(line)
            if line.startswith(REMOVED):
                return KICKED
        ready = {descriptor for descriptor, _ in poll.poll()}
        if resized in ready:
            os.read(resized, 512)
            screen.draw()
        if typed.fileno() in ready and not _show_typed(screen, typed):
            return LOST
        if connection and connection.socket.fileno() in ready and not connection.receive():
            return LOST


def _show_typed(screen: Screen, typed: socket.socket) -> bool:
    """Show what the keyboard's process says; False if that is gone."""
    packet = typed.recv(MAX_PACKET)
    kind, text = packet[:1], packet[1:].decode()
    if kind == ENTER:
        screen.enter(text)
    elif kind == SHOW:
        screen.show(*text.split("\0"))
    return bool(packet)
