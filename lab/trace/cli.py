"""`lab trace`: run a program, record every state that it and its descendants go through, and draw it as a timeline.

The program runs in a session of its own, /proc is sampled every 10 ms, and nothing else is done to it: no ptrace, no
subreaper, no change of its environment, its streams or its signals. With --calls, strace holds it up at each call.
"""

import contextlib
import errno
import getopt
import math
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from lab.language import speak_utf8, tr
from lab.trace import timeline
from lab.trace.history import Trace
from lab.trace.job import NotTracedError
from lab.trace.leader import environment_at_start
from lab.trace.recording import INTERVAL, LINGER, NotWatchedError, Recording
from lab.trace.relay import shared
from lab.trace.watcher import Limits

DRAWINGS = ("html", "svg", "perfetto")
LONG = ["for=", "interval=", "json", "calls", "help", *(f"{name}=" for name in DRAWINGS)]
SIGNALS = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP, signal.SIGWINCH)


class UsageError(Exception):
    """The command line makes no sense; the text says why, in one sentence."""


@dataclass(frozen=True)
class Options:
    """The command line, read."""

    command: tuple[str, ...] = ()
    seconds: float | None = None
    interval: float = INTERVAL
    json: bool = False
    calls: bool = False
    drawings: dict[str, Path] = field(default_factory=dict)  # by the name of the module that makes it
    help: bool = False


def main(argv: Sequence[str] | None = None) -> int:
    """Run `lab trace`; return the command's own exit status.

    Or 126 or 127 if it cannot be executed, 2 for bad usage, or if there is no record.
    """
    speak_utf8()
    try:
        options = parse(sys.argv[1:] if argv is None else argv)
    except UsageError as error:
        complain(str(error))
        return 2
    if options.help:
        print(usage())
        return 0
    return run(options)


def run(options: Options) -> int:
    """Record, and show the record."""
    try:
        trace = record_beside(options)
    except OSError as error:
        if error.filename != options.command[0]:
            raise
        return not_started(error)
    except (NotWatchedError, NotTracedError) as error:
        complain(str(error))
        return 2
    show(trace, options)
    return trace.exit.status if trace.exit else 1


def record_beside(options: Options) -> Trace:
    """Record a command that shares our streams and gets our signals."""
    with signals() as wakeup:
        limits = Limits(options.interval, options.seconds, LINGER)
        recording = Recording(shared(show=not options.json), limits, wakeup, tell_of_the_rest, calls=options.calls)
        return recording.run(options.command, None, environment_at_start())


@contextlib.contextmanager
def signals() -> Iterator[int]:
    """Catch the signals that are meant for the command, and yield a descriptor that gives their numbers."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    caught = [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, lambda *_: None) for number in caught}
    try:
        yield reading
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(-1)
        os.close(reading)
        os.close(writing)


def show(trace: Trace, options: Options) -> None:
    """Print the document or the timeline, and write the drawings."""
    for name, path in options.drawings.items():
        drawing = import_module(f"lab.trace.{name}")  # nobody waits for what is not asked for
        path.write_text(drawing.draw(trace), encoding="utf-8", errors="backslashreplace")  # in JSON an escape, too
    width = shutil.get_terminal_size().columns
    try:
        print(trace.to_json() if options.json else timeline.draw(trace, width, colour=wants_colour()), flush=True)
    except BrokenPipeError:  # whoever reads has seen enough; Python itself would write again at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def wants_colour() -> bool:
    """Tell whether to use colour: on a terminal, unless NO_COLOR is set to anything but nothing."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def parse(argv: Sequence[str]) -> Options:
    """Read the command line; raise UsageError. The options end where the command begins."""
    try:
        found, command = getopt.getopt(list(argv), "h", LONG)
    except getopt.GetoptError as error:
        raise UsageError(tr("{error}; see lab trace --help", error=error)) from error
    options = dict(found)
    if "-h" in options or "--help" in options:
        return Options(help=True)
    if not command:
        raise UsageError(tr("which program? lab trace [OPTION…] CMD…"))
    return Options(
        command=tuple(command),
        seconds=number("--for", options["--for"]) if "--for" in options else None,
        interval=number("--interval", options["--interval"]) / 1000 if "--interval" in options else INTERVAL,
        json="--json" in options,
        calls="--calls" in options,
        drawings={name: writable(Path(options[f"--{name}"])) for name in DRAWINGS if f"--{name}" in options},
    )


def number(option: str, text: str) -> float:
    """Read a number above 0 that an option needs."""
    with contextlib.suppress(ValueError):
        if 0 < float(text) < math.inf:
            return float(text)
    raise UsageError(tr("{option} needs a number above 0, not {text!r}", option=option, text=text))


def writable(path: Path) -> Path:
    """Return the path of a file that can be written, which is better known before the program has run."""
    try:
        path.open("a").close()
    except OSError as error:
        raise UsageError(tr("cannot write {path}: {strerror}", path=path, strerror=error.strerror)) from error
    return path


def usage() -> str:
    """Return what there is to say about the options."""
    return tr(
        "usage: lab trace [OPTION…] [--] CMD…\n"
        "\n"
        "  --for SECONDS     end the program then; else the trace ends with it\n"
        "  --interval MS     time between two looks at it: 10 if not given\n"
        "  --json            print the record instead of the timeline\n"
        "  --html FILE       draw it as a page too, with the rows of ps at any moment\n"
        "  --svg FILE        draw the timeline to a file too\n"
        "  --perfetto FILE   write it for Perfetto, too (Chrome's trace events)\n"
        "  --calls           by strace: which wait returned whom, who sent which signal"
    )


def not_started(error: OSError) -> int:
    """Say why the command could not be executed, and return the status that a shell gives it."""
    found = error.errno != errno.ENOENT
    if not found and "/" not in error.filename:
        complain(tr("{filename}: command not found", filename=error.filename))
    else:
        complain(tr("{filename}: {strerror}", filename=error.filename, strerror=error.strerror))
    return 126 if found else 127


def tell_of_the_rest(running: int) -> None:
    """Say why the trace goes on after the command's end."""
    if sys.stderr.isatty():
        complain(
            tr(
                "the command has ended; {running} of its descendants run on, and are followed (Ctrl-C ends them)",
                running=running,
            ),
            end="\r\n",  # the terminal may still be set to write as it is told
        )


def complain(sentence: str, end: str = "\n") -> None:
    """Say one thing to the person."""
    print(f"lab trace: {sentence}", file=sys.stderr, end=end)
