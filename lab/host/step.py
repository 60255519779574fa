"""A step of the bring-up: one line that says what it did, and a moving one while it takes its time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from lab.host.command import GENERATED, stream

console = Console(highlight=False)
NAME_WIDTH = 8
LONG_SECONDS = 2.0


def size(count: float) -> str:
    """Return a number of bytes in three digits and a unit: 12.3 MiB."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1024
    return f"{count:.0f} TiB"


class Step:
    """What a step says of itself, and the commands that it runs."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._began = time.monotonic()
        self._doing = ""
        self._status = console.status("")
        self.log = Path(GENERATED, "log", f"{name}.log")

    def doing(self, text: str) -> None:
        """Say what is being done: a spinner on a terminal, a line elsewhere."""
        self._doing = text
        if console.is_terminal:
            self._show("")
            self._status.start()
        else:
            self._print(f"{text} …")

    def run(self, *command: str) -> None:
        """Run a command; its last line moves by. Raises CommandError."""
        stream(command, self.log, self._show)

    def done(self, text: str) -> None:
        """Say what the step came to, and how long it took if that was long."""
        self.stop()
        took = time.monotonic() - self._began
        self._print(text + (f" ({took:.0f} s)" if took >= LONG_SECONDS else ""))

    def note(self, text: str) -> None:
        """Say something on the way."""
        self._print(text)

    def stop(self) -> None:
        """Take the spinner away."""
        self._status.stop()

    def _show(self, line: str) -> None:
        took = f"{time.monotonic() - self._began:.0f} s"
        room = max(0, console.width - NAME_WIDTH - len(self._doing) - len(took) - 8)
        self._status.update(f"{self._name:<{NAME_WIDTH}} {escape(self._doing)} [dim]{took} {escape(line[:room])}[/dim]")

    def _print(self, text: str) -> None:
        console.print(f"[bold]{self._name:<{NAME_WIDTH}}[/bold] {escape(text)}", soft_wrap=True)


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Open a step; however it ends, the terminal is as it was."""
    current = Step(name)
    try:
        yield current
    finally:
        current.stop()
