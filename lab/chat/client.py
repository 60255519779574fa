"""The chat client: one process reads the keyboard, a forked one prints; each new connection forks anew.

With no terminal it reads lines from stdin and writes lines to stdout, for scripts. Lines that the server has
not confirmed (`/ack`) when a connection is lost are sent again on the next.
"""

import argparse
import os
import re
import select
import signal
import struct
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from lab.chat.connection import Connection
from lab.chat.listener import PathError
from lab.chat.paths import add_socket_options
from lab.chat.protocol import ACCEPTED, ADMIN, ERROR, LOGIN_TRIES, REMOVED, WELCOME, Fault, LineParser, clean
from lab.chat.streams import open_streams
from lab.language import tr

RECEIPT = struct.Struct("Q")  # from the printer to the keyboard: so many lines are confirmed
MAX_UNCONFIRMED = 1000  # lines
ACK_SECONDS = 1.0  # for the server's answer to `/ack`; a server that a student wrote may have none
ACCEPTED_LINE = re.compile(re.escape(ACCEPTED) + "([0-9]{1,18})")
MAX_INPUT_LINE = 1 << 16  # bytes; the server says what it thinks of more than MAX_LINE
PATIENCE_SECONDS = 60.0  # for a server that is gone to come back
LOST, FAILED, KICKED = 0, 1, 3  # exit statuses of the printer


class RefusedError(Exception):
    """The server refused the login, or there was no name to log in with."""


class Keyboard:
    """Lines from stdin, be it a terminal, a pipe or a file."""

    def __init__(self) -> None:
        self.is_terminal = sys.stdin.isatty()
        self.has_ended = False
        self.lines: deque[str] = deque()
        self._parser = LineParser(MAX_INPUT_LINE)
        self._number = 0

    def read(self) -> None:
        """Wait for bytes and take in their lines; the last line of a file may lack its newline."""
        try:
            data = os.read(0, 1 << 16)
        except OSError:  # EIO: the terminal is gone, or never was for a program in the background
            data = b""
        self.has_ended = not data
        if self.has_ended and self._parser.is_inside:
            data = b"\n"
        for line in self._parser.feed(data):
            self._number += 1
            if isinstance(line, Fault):
                where = tr(f"line {self._number}", f"第 {self._number} 行")
                print(f"chat: {where}: {line.reason}", file=sys.stderr)
            else:
                self.lines.append(line)

    def end(self) -> None:
        """Take nothing more."""
        self.has_ended = True
        self.lines.clear()

    def next_line(self, prompt: str) -> str | None:
        """Return the next line, asking for it at a terminal; None at the end."""
        if self.is_terminal:
            print(prompt, end="", flush=True)
        while not self.lines and not self.has_ended:
            self.read()
        return self.lines.popleft() if self.lines else None


class Client:
    """Keeps one login alive over as many connections as it takes."""

    def __init__(self, path: Path, name: str | None, patience: float) -> None:
        self._path = path
        self._name = name
        self._patience = patience
        self._keyboard = Keyboard()
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
            asked = self._name or self._keyboard.next_line(tr("your name: ", "您的名字："))
            if asked is None:
                raise RefusedError(tr("no name to log in with", "没有用于登录的名字"))
            self._connection.send(asked)
            answer = self._connection.next_line()
            if answer is None:
                raise RefusedError(tr("the server closed the connection", "服务器关闭了连接"))
            if answer.startswith(WELCOME):
                self._name = asked
                self._connection.received.appendleft(answer)  # for the printer
                return
            if self._name or not self._keyboard.is_terminal or not tries_left:
                raise RefusedError(answer.removeprefix(ERROR))
            print(_painted(answer), flush=True)

    def _reconnect(self) -> None:
        print(tr("* connection lost, trying again …", "* 连接中断，正在重连……"), file=sys.stderr, flush=True)
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
        receipts, to_keyboard = os.pipe()
        printer = os.fork()
        if printer == 0:
            os.close(receipts)
            _be_printer(self._connection, to_keyboard)
        os.close(to_keyboard)
        try:
            self._type(receipts)
        except BaseException:  # Ctrl-C, above all: no printer is left behind
            os.kill(printer, signal.SIGTERM)
            raise
        finally:
            os.close(receipts)
            self._connection.close()
            _, status = os.waitpid(printer, 0)
        code = os.waitstatus_to_exitcode(status)
        return code if code >= 0 else 128 - code  # ended by a signal: as the shell has it

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


def _be_printer(connection: Connection, to_keyboard: int) -> NoReturn:
    """Print what the server says; end when it is gone, or when the keyboard's process is."""
    if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:  # in the background of a script, Ctrl-C is for others
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    status = FAILED
    try:
        status = _print_all(connection, to_keyboard)
    except BrokenPipeError:
        pass  # nobody reads our output any more
    except OSError as error:
        print(f"chat: {error.strerror}", file=sys.stderr)
    finally:
        os._exit(status)


def _print_all(connection: Connection, to_keyboard: int) -> int:
    poll = select.poll()
    poll.register(connection.socket, select.POLLIN)
    poll.register(to_keyboard, 0)  # only its error, POLLERR: the keyboard's process has ended
    is_open = True
    while is_open:
        while connection.received:
            line = connection.received.popleft()
            if receipt := ACCEPTED_LINE.fullmatch(line):
                os.write(to_keyboard, RECEIPT.pack(int(receipt[1])))
                continue
            print(_painted(line), flush=True)
            if line.startswith(REMOVED):
                return KICKED
        ready = {descriptor for descriptor, _ in poll.poll()}
        is_open = to_keyboard not in ready and connection.receive()
    return LOST


def _painted(line: str) -> str:
    """Return the line as a terminal shows it: the server's words dim, the administrator's bold."""
    line = clean(line)
    if not sys.stdout.isatty():
        return line
    fresh = "\r\x1b[K"  # over what is being typed
    if os.environ.get("NO_COLOR"):
        return fresh + line
    if line.startswith(f"{ADMIN} : "):
        return f"{fresh}\x1b[1;33m{line}\x1b[0m"
    if line.startswith("* ") or (line.endswith((" login", " logout")) and " : " not in line):
        return f"{fresh}\x1b[2m{line}\x1b[0m"
    name, separator, text = line.partition(" : ")
    return f"{fresh}\x1b[36m{name}\x1b[0m{separator}{text}"


def main(argv: Sequence[str] | None = None) -> int:
    """Return 0 after a chat, 1 if the server is not there or refuses, 2 for a wrong command line."""
    open_streams()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # whoever starts us with it ignored, our printer is waited for
    parser = argparse.ArgumentParser(prog="chat", description=tr("chat with the class", "与全班聊天"))
    add_socket_options(parser, admin=False)
    parser.add_argument(
        "--patience",
        metavar="SECONDS",
        type=float,
        default=PATIENCE_SECONDS,
        help=tr("try so long to reconnect (default: %(default)s)", "重连的最长时间（默认：%(default)s 秒）"),
    )
    parser.add_argument("name", nargs="?", help=tr("your name in the room", "您在聊天室里的名字"))
    options = parser.parse_args(argv)
    try:
        return Client(options.socket, options.name, options.patience).run()
    except (PathError, RefusedError) as error:
        print(f"chat: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main())
