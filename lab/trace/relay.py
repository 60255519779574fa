"""The traced command's standard streams: what it reads, what it writes, and what of that is kept for the record.

Each stream of the command is what it would be without the trace, as seen from inside: a terminal where the person's is
one (a pseudo-terminal of the command's own, pty(7), with the same settings and size), a pipe elsewhere. Bytes go
through at once and unchanged. Where the person's side takes no more, reading stops, and the command blocks as it
would; where it is closed, the command gets its SIGPIPE.
"""

import contextlib
import fcntl
import os
import select
import termios
import tty
from collections.abc import Callable
from typing import Any

from lab.trace.history import Output

KEPT = 128 * 1024  # bytes of each stream kept from the beginning, and as many from the end
PIECE = 4096  # bytes; a write of so much does not block where poll says that there is room


class Capture:
    """The beginning and the end of what went through a stream."""

    def __init__(self) -> None:
        self.beginning = bytearray()
        self.end = bytearray()
        self.left_out = 0
        self.lines = 0  # all that have come
        self.size = 0  # bytes that have come
        self.heed: Callable[[bytes], None] | None = None  # who is given each piece as it comes, before any is left out

    def add(self, data: bytes) -> None:
        """Keep what there is room for."""
        if self.heed:
            self.heed(data)
        self.lines += data.count(b"\n")
        self.size += len(data)
        room = KEPT - len(self.beginning)
        self.beginning += data[:room]
        self.end += data[room:] if room > 0 else data
        if len(self.end) > 2 * KEPT:  # not at every byte: it moves the rest
            self.trim()

    def trim(self) -> None:
        """Forget all of the end but the last part."""
        excess = max(0, len(self.end) - KEPT)
        del self.end[:excess]
        self.left_out += excess

    def output(self) -> Output:
        r"""Return the text, with bytes that are not UTF-8 as \xNN."""
        self.trim()
        return Output((self.beginning + self.end).decode("utf-8", "backslashreplace"), self.left_out)


class Pump:
    """Bytes on their way from one descriptor to another; either may be missing. It owns both, and closes them."""

    def __init__(self, source: int | None, to: int | None, capture: Capture | None = None, first: bytes = b"") -> None:
        self.source = source
        self.to = to
        self.capture = capture
        self.pending = first

    def waits_for(self) -> tuple[int, int] | None:
        """Return the descriptor and the poll event that it can go on with, None if there is nothing to do."""
        if self.pending and self.to is not None:
            return self.to, select.POLLOUT
        return None if self.source is None else (self.source, select.POLLIN)

    def step(self) -> None:
        """Go on, now that `waits_for` has come."""
        if self.pending and self.to is not None:
            self.write(self.to)
        elif self.source is not None:
            self.read(self.source)

    def read(self, source: int) -> None:
        """Take a piece; an end of file, or the hang-up of a terminal (EIO), is the end."""
        try:
            data = os.read(source, PIECE)
        except OSError:
            data = b""
        if not data:
            self.close()
        if self.capture:
            self.capture.add(data)
        self.pending = data if self.to is not None else b""

    def write(self, to: int) -> None:
        """Give a piece; when nobody reads it any more, read no more either: then the writer gets its SIGPIPE."""
        try:
            self.pending = self.pending[os.write(to, self.pending[:PIECE]) :]
        except BlockingIOError:
            return
        except OSError:
            self.close()
        if not self.pending and self.source is None:
            self.close()

    def close(self) -> None:
        """Let go of both sides, and of what has not been written."""
        for descriptor in (self.source, self.to):
            if descriptor is not None:
                os.close(descriptor)
        self.source, self.to, self.pending = None, None, b""


Identity = tuple[int, int]


def identity(file: int | str) -> Identity:
    """Return the device and the inode of an open file, or of what a path leads to."""
    stat = os.stat(file)  # noqa: PTH116 (a descriptor too)
    return stat.st_dev, stat.st_ino


class Streams:
    """The command's three streams: `theirs` are its ends, `pumps` carry the bytes, `names` are what /proc calls them.

    A name is that of a terminal in one file system of several (each container has a /dev/pts/0), so with each goes its
    device and inode.

    `terminal` is the slave side of the command's terminal, one of `theirs`, or -1; `has_keyboard` tells whether the
    person's keys are meant for it.
    """

    def __init__(self) -> None:
        self.theirs = [-1, -1, -1]
        self.pumps: list[Pump] = []
        self.stdout, self.stderr = Capture(), Capture()
        self.terminal = self.master = -1
        self.has_keyboard = False
        self.names: dict[str, Identity] = {}

    def make_terminal(self) -> None:
        """Make a terminal for whichever stream wants it."""
        self.master, self.terminal = os.openpty()
        os.set_blocking(self.master, False)
        self.names[os.ttyname(self.terminal)] = identity(self.terminal)
        self.pumps.append(Pump(os.dup(self.master), None, self.stdout))

    def give_terminal(self, number: int) -> None:
        """Make the terminal the command's stream of this number."""
        self.theirs[number] = os.dup(self.terminal)

    def give_pipe(self, number: int, to: int | None, capture: Capture) -> None:
        """Make a pipe the command's stream of this number, 1 or 2; what comes is captured, and written to `to`."""
        reading, self.theirs[number] = os.pipe()
        self.names[f"pipe:[{os.fstat(reading).st_ino}]"] = identity(reading)
        self.pumps.append(Pump(reading, to, capture))

    def give_input(self, data: bytes | None, source: int | None = None) -> None:
        """Make the command's input what is given: a pipe with these bytes and all that `source` brings, or nothing."""
        if not data and source is None:
            self.theirs[0] = os.open(os.devnull, os.O_RDONLY)
        else:
            self.theirs[0], writing = os.pipe()
            os.set_blocking(writing, False)
            self.pumps.append(Pump(source, writing, first=data or b""))

    def hand_over(self) -> None:
        """Close the command's ends, now that it has them: an end of file comes when it closes them too."""
        for descriptor in {*self.theirs, self.terminal} - {-1}:
            os.close(descriptor)

    def close(self) -> None:
        """Close the rest."""
        for pump in self.pumps:
            pump.close()
        if self.master >= 0:
            os.close(self.master)


def captured(data: bytes | None, terminal: bool, source: int | None = None, *, apart: bool = False) -> Streams:
    """Return streams that read `data`, then `source`, and that only the record sees: a terminal, or pipes.

    With `apart` errors go to a pipe of their own even beside a terminal.
    """
    streams = Streams()
    if terminal:
        streams.make_terminal()
        for number in (0, 1) if apart else (0, 1, 2):
            streams.give_terminal(number)
        if apart:
            streams.give_pipe(2, None, streams.stderr)
        streams.pumps.append(Pump(source, os.dup(streams.master), first=data or b""))
    else:
        streams.give_input(data, source)
        streams.give_pipe(1, None, streams.stdout)
        streams.give_pipe(2, None, streams.stderr)
    return streams


def shared(show: bool) -> Streams:
    """Return streams beside our own three: what the command writes is shown there as well, if `show` is set."""
    streams = Streams()
    streams.has_keyboard = True
    terminals = [number for number in (0, 1, 2) if os.isatty(number)]
    if terminals:
        shown = [number for number in ((1, 2, 0) if show else (2, 0)) if number in terminals]
        streams.make_terminal()
        streams.pumps[0].to = os.dup(shown[0]) if shown else None
        termios.tcsetattr(streams.terminal, termios.TCSANOW, termios.tcgetattr(terminals[0]))
        copy_size(terminals[0], streams.master)
    for number in (0, 1, 2):
        if number in terminals:
            streams.give_terminal(number)
        elif number == 0:
            streams.theirs[0] = os.dup(0)
        elif number == 2 and 1 not in terminals and os.path.sameopenfile(1, 2):
            streams.theirs[2] = os.dup(streams.theirs[1])  # one pipe, so that the order stays
        else:
            to = os.dup(number) if show else None
            streams.give_pipe(number, to, streams.stdout if number == 1 else streams.stderr)
    return streams


def copy_size(of: int, to: int) -> None:
    """Give one terminal the window size of another."""
    fcntl.ioctl(to, termios.TIOCSWINSZ, fcntl.ioctl(of, termios.TIOCGWINSZ, bytes(8)))


class Keyboard:
    """The person's own terminal, while its keys go to the command's: then ours interprets none of them.

    Does nothing where the command's input is another, where our own is no terminal, or in the background of it.
    """

    def __init__(self, streams: Streams) -> None:
        self.streams = streams
        self.pump: Pump | None = None
        self.settings: list[Any] = []

    def take(self) -> None:
        """Send the keys to the command from now on."""
        if self.pump or not self.streams.has_keyboard or not os.isatty(0) or os.tcgetpgrp(0) != os.getpgrp():
            return
        self.settings = termios.tcgetattr(0)
        tty.setraw(0, termios.TCSANOW)
        self.resize()
        self.pump = Pump(os.dup(0), os.dup(self.streams.master))
        self.streams.pumps.append(self.pump)

    def let_go(self) -> None:
        """Take the keys for ourselves, for Ctrl-C; what the command's terminal writes still goes through as it is."""
        if self.pump:
            settings = list(self.settings)
            settings[1] = termios.tcgetattr(0)[1]  # the output modes as `take` left them
            self.stop(settings)

    def give_back(self) -> None:
        """Leave the terminal as it was."""
        if self.settings:
            self.stop(self.settings)
            self.settings = []

    def stop(self, settings: list[Any]) -> None:
        """Carry no more keys, with the given settings from now on; the terminal may have hung up."""
        with contextlib.suppress(termios.error):
            termios.tcsetattr(0, termios.TCSADRAIN, settings)
        if self.pump:
            self.streams.pumps.remove(self.pump)
            self.pump.close()
            self.pump = None

    def resize(self) -> None:
        """Tell the command's terminal the size of the person's window."""
        if self.streams.master >= 0 and os.isatty(0):
            copy_size(0, self.streams.master)
