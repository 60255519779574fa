"""The chat client: one process reads the keyboard, a forked one prints; each new connection forks anew.

With no terminal it reads lines from stdin and writes lines to stdout, for scripts. Lines that the server has
not confirmed (`/ack`) when a connection is lost are sent again on the next.
"""

import argparse
import os
import select
import signal
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from lab.chat.connection import Connection
from lab.chat.keyboard import Editor, EndedBySignal, keyboard
from lab.chat.listener import PathError
from lab.chat.paths import add_socket_options
from lab.chat.printer import LOST, RECEIPT, Printer
from lab.chat.protocol import ERROR, LOGIN_TRIES, WELCOME
from lab.chat.screen import FRESH, painted
from lab.chat.streams import open_streams
from lab.language import tr

MAX_UNCONFIRMED = 1000  # lines
ACK_SECONDS = 1.0  # for the server's answer to `/ack`; a server that a student wrote may have none
PATIENCE_SECONDS = 60.0  # for a server that is gone to come back


class RefusedError(Exception):
    """The server refused the login, or there was no name to log in with."""


class Client:
    """Keeps one login alive over as many connections as it takes."""

    def __init__(self, path: Path, name: str | None, patience: float) -> None:
        self._path = path
        self._name = name
        self._patience = patience
        self._keyboard = keyboard()
        self._terminal = self._keyboard.terminal if isinstance(self._keyboard, Editor) else None
        self._unconfirmed: deque[str] = deque()
        self._confirmed = 0  # lines of this connection
        self._has_receipts = False

    @property
    def _is_leaving(self) -> bool:
        return self._keyboard.has_ended and not self._keyboard.lines

    def run(self) -> int:
        """Chat until stdin ends or `/quit`. Raises PathError or RefusedError if it cannot begin or go on."""
        self._connection = Connection(self._path)
        self._log_in()
        while (status := self._converse()) == LOST:
            if self._is_leaving and not (self._unconfirmed and self._has_receipts):
                return 0
            self._reconnect()
        return status

    def _log_in(self) -> None:
        """Log in under our name, or else ask for one until the server takes it."""
        for tries_left in reversed(range(LOGIN_TRIES)):
            asked = self._name or self._keyboard.ask(tr("your name: "))
            if asked is None:
                raise RefusedError(tr("no name to log in with"))
            self._connection.send(asked)
            answer = self._connection.next_line()
            if answer is None:
                raise RefusedError(tr("the server closed the connection"))
            if answer.startswith(WELCOME):
                self._name = asked
                self._connection.received.appendleft(answer)  # for the printer
                return
            if self._name or not self._keyboard.is_terminal or not tries_left:
                raise RefusedError(answer.removeprefix(ERROR))
            print(painted(answer), flush=True)

    def _reconnect(self) -> None:
        fresh = FRESH if self._terminal else ""  # over what is being typed
        told = tr("* connection lost, trying again …")
        print(f"{fresh}{told}", file=sys.stderr, flush=True)
        deadline = time.monotonic() + self._patience
        pause = 0.1
        while True:
            try:
                self._connection = Connection(self._path)
                self._log_in()
            except (PathError, RefusedError):
                self._connection.close()
                if time.monotonic() > deadline:
                    raise
                time.sleep(pause)
                pause = min(2 * pause, 2.0)
            else:
                return

    def _converse(self) -> int:
        """Talk over one connection until it ends; return the printer's exit status."""
        try:
            with Printer(self._connection, self._terminal) as printer:
                self._keyboard.use(printer)
                self._type(printer.receipts)
        finally:
            self._connection.close()
        return printer.status if printer.status >= 0 else 128 - printer.status  # ended by a signal: as the shell has it

    def _type(self, receipts: int) -> None:
        """Send what is typed and count what is confirmed, until the printer is gone."""
        self._ask_for_receipts(receipts)
        for line in self._unconfirmed:
            self._connection.send(line)
        while True:
            self._send_typed()
            if self._is_leaving:
                self._connection.end_writing()
            for descriptor in self._wait(receipts):
                if descriptor == 0:
                    self._keyboard.read()
                elif not self._take_receipts(receipts):
                    return

    def _ask_for_receipts(self, receipts: int) -> None:
        """Have each line confirmed. Lines that an earlier server left open are kept only if it confirmed any."""
        if not self._has_receipts:
            self._unconfirmed.clear()
        self._confirmed = 0
        self._connection.send("/ack")
        if select.select([receipts], [], [], ACK_SECONDS)[0]:
            self._take_receipts(receipts)

    def _wait(self, receipts: int) -> list[int]:
        is_full = self._has_receipts and len(self._unconfirmed) >= MAX_UNCONFIRMED
        is_reading = not (self._keyboard.has_ended or is_full)
        ready, _, _ = select.select([receipts, 0] if is_reading else [receipts], [], [])
        return ready

    def _send_typed(self) -> None:
        while self._keyboard.lines:
            line = self._keyboard.lines.popleft()
            if line.strip() == "/quit":
                self._keyboard.end()
                return
            self._unconfirmed.append(line)
            self._connection.send(line)
            if not self._has_receipts and len(self._unconfirmed) > MAX_UNCONFIRMED:
                self._unconfirmed.popleft()

    def _take_receipts(self, receipts: int) -> bool:
        """Forget the lines that are confirmed; False once the printer is gone."""
        data = os.read(receipts, RECEIPT.size * 512)
        if data:
            self._has_receipts = True
            (number,) = RECEIPT.unpack(data[-RECEIPT.size :])
            while self._unconfirmed and self._confirmed < number:
                self._unconfirmed.popleft()
                self._confirmed += 1
        return bool(data)


def main(argv: Sequence[str] | None = None) -> int:
    """Return 0 after a chat, 1 if the server is not there or refuses, 2 for a wrong command line."""
    open_streams()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # whoever starts us with it ignored, our printer is waited for
    parser = argparse.ArgumentParser(prog="chat", description=tr("chat with the class"))
    add_socket_options(parser, admin=False)
    parser.add_argument(
        "--patience",
        metavar="SECONDS",
        type=float,
        default=PATIENCE_SECONDS,
        help=tr("try so long to reconnect (default: %(default)s)"),
    )
    parser.add_argument("name", nargs="?", help=tr("your name in the room"))
    options = parser.parse_args(argv)
    try:
        return Client(options.socket, options.name, options.patience).run()
    except (PathError, RefusedError) as error:
        print(f"chat: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except EndedBySignal as ended:
        signal.signal(ended.number, signal.SIG_DFL)
        os.kill(os.getpid(), ended.number)
        raise


if __name__ == "__main__":
    sys.exit(main())
